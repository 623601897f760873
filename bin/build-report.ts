import type { Intent } from '../core/types/plan.ts'
import { builderOf, type ChainRecord, type LandedLiquidation } from '../sandbox/chain-record.ts'
import type { Score } from '../sandbox/judge/score.ts'
import { usdAt } from '../sandbox/price-path.ts'
import type { Sandbox } from '../sandbox/start-sandbox.ts'
import { failedExpectations } from './expectations.ts'
import { brokenInvariants } from './invariants.ts'
import type { JournalRecord } from './journal-record.ts'
import type { Report, ReportedLiquidation } from './report.ts'

export interface RunFacts {
  readonly sandbox: Sandbox
  readonly record: ChainRecord
  readonly score: Score
  readonly journal: JournalRecord
  /** Wall time from which the report counts. */
  readonly processStartMs: number
}

const texts = (amounts: Readonly<Record<string, bigint>>): Record<string, string> =>
  Object.fromEntries(Object.entries(amounts).map(([symbol, amount]) => [symbol, String(amount)]))

/** Returns the report of a run from what the chain and the journal say. */
export const buildReport = (facts: RunFacts): Report => {
  const { sandbox, record, score, journal, processStartMs } = facts
  const { scenario, clock, deployed } = sandbox
  const sinceStart = (scenarioMs: number): number =>
    Math.round(clock.toWallMs(scenarioMs) - processStartMs)
  const symbols = new Map(
    Object.values(deployed.assets).map(({ token, symbol }) => [token.toLowerCase(), symbol]),
  )
  const symbolOf = (token: string): string => symbols.get(token.toLowerCase()) ?? token
  const usdOf = (amountWei: bigint, block: number): number => {
    const sec = record.blocks.get(block)!.timestampSec - scenario.chain.startSec
    return (Number(amountWei) / 1e18) * usdAt(scenario, 'ETH', sec)
  }
  const byTx = new Map(
    journal.receipts.flatMap(({ txHash, intent }): [string, Intent][] => {
      const known = journal.intents.get(intent)
      return known ? [[txHash, known]] : []
    }),
  )
  const bundleOf = new Map(
    journal.bundles.flatMap((bundle) => bundle.intents.map(({ id }) => [id, bundle] as const)),
  )
  const txOf = new Map([...byTx].map(([txHash, { id }]) => [id, txHash]))

  /** The parent is the planned one and nothing but the bundle's own transactions stands before. */
  const isParentAsPlanned = (intent: Intent, landed: LandedLiquidation): boolean => {
    const bundle = bundleOf.get(intent.id)!
    const block = record.blocks.get(landed.block)!
    const before = [
      ...(bundle.ahead ?? []).map(({ txHash }) => txHash),
      ...(bundle.behind ? [bundle.behind.txHash] : []),
      ...bundle.intents
        .slice(
          0,
          bundle.intents.findIndex(({ id }) => id === intent.id),
        )
        .map(({ id }) => txOf.get(id)),
    ]
    return (
      record.blocks.get(landed.block - 1)?.hash === intent.plan.parentHash &&
      landed.txIndex === before.length &&
      before.every((hash, index) => block.transactions[index] === hash)
    )
  }

  const liquidations = record.liquidations.flatMap((landed): readonly ReportedLiquidation[] => {
    const intent = byTx.get(landed.txHash)
    const item = intent?.plan.items.find(
      ({ account }) => account.toLowerCase() === landed.account.toLowerCase(),
    )
    if (!intent || !item) return []
    const block = record.blocks.get(landed.block)!
    const { behind } = intent.plan
    const oracleTxIndex = behind ? block.transactions.indexOf(behind.txHash) : -1
    const together = record.liquidations.filter(({ txHash }) => txHash === landed.txHash).length
    return [
      {
        id: `${intent.id}/${item.position}`,
        strategy: intent.plan.strategy,
        protocol: intent.plan.protocol,
        collateral: symbolOf(landed.collateral),
        debt: symbolOf(landed.debt),
        repayRaw: String(landed.repaidRaw),
        seizeRaw: String(landed.seizedRaw),
        plannedProfitWei: String(item.profitWei),
        profitWei: String(landed.profitWei),
        plannedNetUsd: usdOf(item.profitWei - item.bidWei, landed.block),
        profitUsd: usdOf(landed.profitWei - landed.bidWei, landed.block),
        bidWei: String(landed.bidWei),
        gasUsed: Math.round((record.gasUsed.get(landed.txHash) ?? 0) / together),
        eligibleBlock: item.eligibleBlock,
        includedBlock: landed.block,
        txIndex: landed.txIndex,
        ...(oracleTxIndex >= 0 ? { oracleTxIndex } : {}),
        builder: builderOf(block.coinbase),
        parentAsPlanned: isParentAsPlanned(intent, landed),
      },
    ]
  })

  const pendingMs = new Map(
    sandbox.oracle.sent
      .filter(({ visibility }) => visibility === 'public')
      .map(({ txHash, sentMs }) => [txHash, sentMs]),
  )
  const alerts = journal.alerts
    .filter(({ alert }) => alert.status === 'open')
    .map(({ alert, atMs }) => ({
      kind: alert.kind,
      ...(alert.asset === undefined ? {} : { asset: alert.asset }),
      ...(alert.divergence ? { gapBps: alert.divergence.gapBps as number } : {}),
      openedBlock: alert.divergence?.openedBlock ?? alert.block,
      atMs: sinceStart(atMs),
    }))
  const sent = journal.bundles.filter(({ id }) => journal.accepted.has(id))
  const isIncluded = (intent: Intent): boolean => journal.outcomes.get(intent.id) === 'included'
  const firstBlock = Math.min(...liquidations.map(({ includedBlock }) => includedBlock))
  const overBruteForce = (amountWei: bigint): number | null =>
    score.bruteForceWei === 0n ? null : Number((amountWei * 1_000_000n) / score.bruteForceWei) / 1e6

  const report = {
    scenario: scenario.name,
    wallMs: Math.round(performance.timeOrigin + performance.now() - processStartMs),
    ...(alerts.length > 0 ? { firstAlertMs: alerts[0]!.atMs } : {}),
    ...(liquidations.length > 0
      ? { firstLiquidationMs: sinceStart(record.blocks.get(firstBlock)!.timestampSec * 1000) }
      : {}),
    alerts,
    oracleUpdates: record.updates.map(({ asset, answerRaw, block, txIndex, txHash }) => ({
      asset,
      answer: String(Number(answerRaw) / 1e8),
      block,
      txIndex,
      pendingAtMs: sinceStart(
        pendingMs.get(txHash) ?? record.blocks.get(block)!.timestampSec * 1000,
      ),
    })),
    liquidations,
    missed: score.missed.map(({ account, block, profitWei }) => ({
      worthWei: String(profitWei),
      id: `aave-v3:${account.toLowerCase()}@${block}`,
      reason: journal.reasons.get(`aave-v3:${account.toLowerCase()}`) ?? 'not-seen',
    })),
    bundles: {
      sent: sent.length,
      included: sent.filter(({ intents }) => intents.some(isIncluded)).length,
      missed: sent.filter(({ intents }) => !intents.some(isIncluded)).length,
      expired: journal.bundles.length - sent.length,
    },
    reverts: record.reverts,
    stranded: texts(record.stranded),
    profit: texts(
      record.liquidations.length === 0
        ? {}
        : {
            WETH: record.liquidations.reduce(
              (sum, { profitWei, bidWei }) => sum + profitWei - bidWei,
              0n,
            ),
          },
    ),
    treasuryDelta: texts(record.treasuryDelta),
    capturedOverBruteForce: overBruteForce(score.capturedWei),
    netOverBruteForce: overBruteForce(score.keptWei),
    bruteForce: {
      positions: score.positions.length,
      taken: score.taken.length,
      profitWei: String(score.bruteForceWei),
      capturedWei: String(score.capturedWei),
      keptWei: String(score.keptWei),
      byBlock: score.byBlock.map(({ block, profitWei, capturedWei, keptWei }) => ({
        block,
        profitWei: String(profitWei),
        capturedWei: String(capturedWei),
        keptWei: String(keptWei),
      })),
    },
    failed: [],
  }
  return {
    ...report,
    failed: [
      ...brokenInvariants(report, {
        landed: record.liquidations.length,
        mismatches: sandbox.producer.mismatches,
      }),
      ...failedExpectations(scenario.expect, report),
    ],
  }
}
