import type { Head, PendingUpdate } from '../core/types/chain.ts'
import type { Plan, PlanItem } from '../core/types/plan.ts'
import { type Bps, type Gas, gas, type Wei, wei } from '../core/units.ts'
import { bidBpsOf, bidWeiOf } from './bidding.ts'
import { usdOfWei } from './ether-price.ts'
import { maxFeePerGasWei } from './fees.ts'
import { EXPECTED_TX_GAS, itemGasLimit, TX_GAS_LIMIT } from './gas.ts'
import type { LiquidationParams } from './params.ts'
import type { Sized } from './sizing.ts'

/** What all plans of one evaluation have in common. */
export interface PlanFrame {
  readonly strategy: string
  readonly head: Head
  readonly behind: PendingUpdate | undefined
  /** Updates that come before that one, in order. */
  readonly ahead: readonly PendingUpdate[]
  readonly params: LiquidationParams
  readonly etherPriceUsd: number
  readonly gasPriceWei: Wei
  /** The block whose state makes a position liquidatable. */
  readonly eligibleBlockOf: (position: string) => number
}

/** A transaction being filled. */
export interface PlanDraft {
  readonly protocol: string
  readonly bidBps: Bps
  readonly items: readonly PlanItem[]
  readonly profitWei: Wei
  readonly expectedGas: Gas
  readonly gasLimit: Gas
}

/**
 * Returns a transaction that begins with this item, which carries the transaction's own gas; undefined when it would
 * not pay for itself. Its share of the profit is bid for all items after it too: they come in falling order, so that
 * none is bid less than its own share.
 */
export const beginDraft = (sized: Sized, frame: PlanFrame): PlanDraft | undefined => {
  const gasCostWei = wei(sized.gasCostWei + EXPECTED_TX_GAS * frame.gasPriceWei)
  const bidBps = bidBpsOf(sized.trade.profitWei, gasCostWei, frame.params)
  const item = itemOf(sized, bidBps, gasCostWei, frame)
  if (item === undefined) return undefined
  return {
    protocol: sized.opportunity.protocol,
    bidBps,
    items: [item],
    profitWei: item.profitWei,
    expectedGas: gas(EXPECTED_TX_GAS + sized.expectedGas),
    gasLimit: gas(TX_GAS_LIMIT + item.gasLimit),
  }
}

/** Returns the transaction with one more item; undefined when that would not pay for itself there. */
export const extendDraft = (
  draft: PlanDraft,
  sized: Sized,
  frame: PlanFrame,
): PlanDraft | undefined => {
  if (draft.items.length >= frame.params.maxItemsPerTx) return undefined
  if (draft.protocol !== sized.opportunity.protocol) return undefined
  const item = itemOf(sized, draft.bidBps, sized.gasCostWei, frame)
  if (item === undefined) return undefined
  return {
    ...draft,
    items: [...draft.items, item],
    profitWei: wei(draft.profitWei + item.profitWei),
    expectedGas: gas(draft.expectedGas + sized.expectedGas),
    gasLimit: gas(draft.gasLimit + item.gasLimit),
  }
}

const itemOf = (
  { opportunity, trade }: Sized,
  bidBps: Bps,
  gasCostWei: Wei,
  frame: PlanFrame,
): PlanItem | undefined => {
  const bidWei = bidWeiOf(trade.profitWei, bidBps)
  const netWei = trade.profitWei - bidWei - gasCostWei
  const netUsd = usdOfWei(netWei, frame.etherPriceUsd)
  if (netWei <= 0n || netUsd < frame.params.minNetUsd) return undefined
  return {
    position: opportunity.position,
    account: opportunity.account,
    collateral: trade.pair.collateral.address,
    debt: trade.pair.debt.address,
    repayRaw: trade.repayRaw,
    seizeRaw: trade.seizeRaw,
    route: trade.route,
    owedRaw: trade.owedRaw,
    settle: trade.settle,
    profitWei: trade.profitWei,
    bidWei,
    gasLimit: itemGasLimit(trade.route.length + trade.settle.length, trade.ticksCrossed),
    netUsd,
    eligibleBlock: frame.eligibleBlockOf(opportunity.position),
  }
}

/** Returns the plan of a finished draft; `number` counts within the evaluation. */
export const planOf = (draft: PlanDraft, number: number, frame: PlanFrame): Plan => {
  const { strategy, head, behind, ahead, gasPriceWei } = frame
  const targetBlock = head.number + 1
  return {
    kind: 'liquidation',
    id: `${strategy}:${targetBlock}:${number}-${tagOf(draft, frame)}`,
    strategy,
    protocol: draft.protocol,
    targetBlock,
    parentHash: head.hash,
    ...(behind === undefined ? {} : { behind }),
    ...(ahead.length === 0 ? {} : { ahead }),
    items: draft.items,
    bidBps: draft.bidBps,
    minProfitWei: breakEvenWei(draft, gasPriceWei),
    gasLimit: draft.gasLimit,
    maxFeePerGasWei: maxFeePerGasWei(head),
  }
}

/** The profit at which bid and gas leave nothing: with less of it the transaction had better not happen. */
const breakEvenWei = ({ profitWei, expectedGas, bidBps }: PlanDraft, gasPriceWei: Wei): Wei => {
  const kept = BigInt(10_000 - bidBps)
  const least = (expectedGas * gasPriceWei * 10_000n + kept - 1n) / kept
  return wei(least < profitWei ? least : profitWei)
}

/** FNV-1a of what makes the plan this one: after a reorg the same block is planned again, on another parent. */
const tagOf = ({ items }: PlanDraft, { head, behind, ahead }: PlanFrame): string => {
  const updates = [...ahead, ...(behind ? [behind] : [])].map(({ txHash }) => txHash)
  const text = [head.hash, ...updates, ...items.map(({ position }) => position)].join()
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
