import { zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../../core/errors.ts'
import type { Address } from '../../../../core/types/chain.ts'
import { type ReadCall, type Reading, readMarket } from '../../../../protocols/aave-v3/read.ts'
import { parseReserveConfiguration } from '../../../../protocols/aave-v3/reserve-configuration.ts'

const named = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const [pool, provider, oracle, configurator] = [named(1), named(2), named(3), named(4)]
const [weth, maker, source, aggregator] = [named(5), named(6), named(7), named(8)]

const configuration =
  7_500n |
  (8_000n << 16n) |
  (10_500n << 32n) |
  (18n << 48n) |
  (1n << 56n) |
  (1n << 60n) |
  (1_000n << 152n) |
  (3n << 168n)

const reserve = (id: number) => ({
  configuration: { data: configuration },
  liquidityIndex: 11n,
  currentLiquidityRate: 12n,
  variableBorrowIndex: 13n,
  currentVariableBorrowRate: 14n,
  lastUpdateTimestamp: 15,
  id,
  aTokenAddress: named(20 + id),
  stableDebtTokenAddress: id === 0 ? named(30) : zeroAddress,
  variableDebtTokenAddress: named(40 + id),
})

type Answers = Readonly<Record<string, unknown>>

/** What contracts of a small market answer, by function and, where it matters, by its first argument or its contract. */
const answers: Answers = {
  POOL_REVISION: 1n,
  getReservesList: [weth, maker],
  ADDRESSES_PROVIDER: provider,
  getPriceOracle: oracle,
  getPriceOracleSentinel: zeroAddress,
  getPoolConfigurator: configurator,
  BASE_CURRENCY_UNIT: 10n ** 8n,
  [`getReserveData ${weth}`]: reserve(0),
  [`getReserveData ${maker}`]: reserve(1),
  [`symbol ${weth}`]: 'WETH',
  getEModeCategoryData: { liquidationThreshold: 0, liquidationBonus: 0, priceSource: zeroAddress },
  'getEModeCategoryData 3': {
    liquidationThreshold: 9_300,
    liquidationBonus: 10_100,
    priceSource: named(9),
  },
  [`getSourceOfAsset ${weth}`]: source,
  [`getSourceOfAsset ${maker}`]: named(10),
  [`getSourceOfAsset ${named(9)}`]: named(11),
  [`aggregator ${source}`]: aggregator,
}

const answer = <T>(reading: Reading<T>, world: Answers): T => {
  const answerOf = ({ functionName, address, args }: ReadCall): unknown =>
    world[`${functionName} ${args[0] ?? address}`] ?? world[functionName]
  let step = reading.next()
  while (!step.done) step = reading.next(step.value.map(answerOf))
  return step.value
}

describe('readMarket', () => {
  test('default: reads reserves, categories and the aggregators behind their sources', () => {
    const market = answer(readMarket(pool), answers)
    expect(market).toMatchObject({
      pool,
      revision: 1,
      configuredBy: [configurator, provider, oracle],
      reserves: [
        { token: { address: weth, symbol: 'WETH' }, stableDebtToken: named(30), aggregator },
        // No symbol that is a string, no stable debt, and a source that is no proxy.
        { token: { address: maker, symbol: maker.slice(0, 8) }, aggregator: named(10) },
      ],
      emodes: [{ category: 3, liquidationThresholdBps: 9_300, priceSource: named(11) }],
    })
    expect(market.sentinel).toBeUndefined()
    expect(market.reserves[1]?.stableDebtToken).toBeUndefined()
  })

  test('behavior: a sentinel is kept; categories of revisions without rules are left alone', () => {
    const market = answer(readMarket(pool), {
      ...answers,
      POOL_REVISION: 5n,
      getPriceOracleSentinel: named(12),
    })
    expect(market).toMatchObject({ revision: 5, sentinel: named(12), emodes: [] })
  })

  test('behavior: from 3.3 on categories list their reserves, and there is grace and what can be paid out', () => {
    const none = { ltv: 0, liquidationThreshold: 0, liquidationBonus: 0 }
    const market = answer(readMarket(pool), {
      ...answers,
      POOL_REVISION: 7n,
      getEModeCategoryData: undefined,
      getEModeCategoryCollateralConfig: none,
      'getEModeCategoryCollateralConfig 2': {
        ...none,
        liquidationThreshold: 9_500,
        liquidationBonus: 10_050,
      },
      'getEModeCategoryCollateralBitmap 2': 0b10n,
      getLiquidationGracePeriod: 0,
      [`getLiquidationGracePeriod ${maker}`]: 1_700_000_000,
      getVirtualUnderlyingBalance: 77n,
    })
    expect(market.emodes).toEqual([
      {
        category: 2,
        liquidationThresholdBps: 9_500,
        liquidationBonusBps: 10_050,
        priceSource: zeroAddress,
        collateralBitmap: 2n,
      },
    ])
    expect(market.reserves).toMatchObject([
      { graceUntilSec: 0, virtualUnderlyingRaw: 77n, emodeCategory: 0 },
      { graceUntilSec: 1_700_000_000, virtualUnderlyingRaw: 77n },
    ])
  })

  test('error: ProtocolError for a contract that is no such market', () => {
    const read = (world: Answers) => () => answer(readMarket(pool), world)
    expect(read({ ...answers, ADDRESSES_PROVIDER: undefined })).toThrow(ProtocolError)
    expect(read({ ...answers, BASE_CURRENCY_UNIT: 10n ** 18n })).toThrow(/units of 10{18},/)
    const reading = readMarket(pool)
    reading.next()
    expect(() => reading.next([1n])).toThrow(/3 calls: 1 answers/)
  })
})

test('parseReserveConfiguration takes the word apart', () => {
  expect(parseReserveConfiguration(configuration)).toEqual({
    ltvBps: 7_500,
    liquidationThresholdBps: 8_000,
    liquidationBonusBps: 10_500,
    decimals: 18,
    active: true,
    paused: true,
    protocolFeeBps: 1_000,
    emodeCategory: 3,
  })
})
