import { describe, expect, test } from 'vitest'
import { failedExpectations } from '../../../bin/expectations.ts'
import { brokenInvariants } from '../../../bin/invariants.ts'
import type { Report, ReportedLiquidation } from '../../../bin/report.ts'

const aLiquidation = (fields: Partial<ReportedLiquidation> = {}): ReportedLiquidation => ({
  id: '1/aave-v3:0xa11ce',
  strategy: 'oracle-backrun',
  protocol: 'aave-v3',
  collateral: 'WETH',
  debt: 'USDC',
  repayRaw: '1',
  seizeRaw: '1',
  plannedProfitWei: '10',
  profitWei: '10',
  plannedNetUsd: 1,
  profitUsd: 1,
  bidWei: '3',
  gasUsed: 1,
  eligibleBlock: 5,
  includedBlock: 5,
  txIndex: 1,
  oracleTxIndex: 0,
  builder: 'titan',
  parentAsPlanned: true,
  ...fields,
})

const aReport = (fields: Partial<Report> = {}): Report => ({
  scenario: 'test',
  wallMs: 1,
  alerts: [],
  oracleUpdates: [],
  liquidations: [],
  missed: [],
  bundles: { sent: 0, included: 0, missed: 0, expired: 0 },
  reverts: 0,
  stranded: {},
  profit: {},
  treasuryDelta: {},
  capturedOverBruteForce: null,
  netOverBruteForce: null,
  bruteForce: {
    positions: 0,
    taken: 0,
    profitWei: '0',
    capturedWei: '0',
    keptWei: '0',
    byBlock: [],
  },
  failed: [],
  ...fields,
})

const broken = (report: Partial<Report>, landed = report.liquidations?.length ?? 0) =>
  brokenInvariants(aReport(report), { landed, mismatches: [] })

describe('brokenInvariants', () => {
  test('none in a run that is sound', () => {
    expect(
      broken({
        liquidations: [aLiquidation()],
        profit: { WETH: '7' },
        treasuryDelta: { WETH: '7' },
      }),
    ).toEqual([])
  })

  test.each<[string, Partial<Report>, number?]>([
    ['profit by events', { profit: { WETH: '7' }, treasuryDelta: { WETH: '6' } }],
    ['stranded', { stranded: { USDC: '1' } }],
    ['the chain holds 2 liquidations', { liquidations: [aLiquidation()] }, 2],
    ['planned 10 wei, landed 9', { liquidations: [aLiquidation({ profitWei: '9' })] }],
    ['not right behind it', { liquidations: [aLiquidation({ txIndex: 2 })] }],
  ])('tells of %s', (text, report, landed) => {
    expect(broken(report, landed).some((fault) => fault.includes(text))).toBe(true)
  })

  test('what landed on another state may differ', () => {
    expect(
      broken({ liquidations: [aLiquidation({ profitWei: '9', parentAsPlanned: false })] }),
    ).toEqual([])
  })
})

describe('failedExpectations', () => {
  const expectations = {
    alerts: { min: 1 },
    alertBeforeFirstUpdateOf: 'ETH',
    liquidations: { min: 1 },
    backruns: { min: 1, updates: 1 },
    reverts: { max: 0 },
    capturedOverBruteForce: { min: 0.95 },
    netOverBruteForce: { atLeast: 0.2 },
    firstLiquidationMs: { max: 60_000 },
  }

  test('all of a run in which nothing happened', () => {
    expect(failedExpectations(expectations, aReport())).toHaveLength(8)
  })

  test.each([
    [0.21, []],
    [0.19, ['net over brute force: expected at least 0.2, found 0.19']],
    [-0.01, ['net over brute force: expected at least 0.2, found -0.01']],
  ])('what is kept after bids and gas: %d', (netOverBruteForce, failed) => {
    const { netOverBruteForce: expected } = expectations
    expect(
      failedExpectations({ netOverBruteForce: expected }, aReport({ netOverBruteForce })),
    ).toEqual(failed)
  })

  test('an alert after the update was seen is late', () => {
    const report = aReport({
      alerts: [{ kind: 'divergence/lag', asset: 'ETH', openedBlock: 1, atMs: 20 }],
      oracleUpdates: [{ asset: 'ETH', answer: '1', block: 1, txIndex: 0, pendingAtMs: 10 }],
    })
    expect(failedExpectations({ alertBeforeFirstUpdateOf: 'ETH' }, report)[0]).toContain(
      '10 ms late',
    )
  })
})
