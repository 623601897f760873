import type { Head, PendingUpdate } from '../core/types/chain.ts'
import type { Plan, PlanItem } from '../core/types/plan.ts'
import { type Bps, bps, type Gas, gas, type Wei, wei } from '../core/units.ts'
import { bidBpsOf, bidWeiOf } from './bidding.ts'
import { usdOfWei } from './ether-price.ts'
import { maxFeePerGasWei } from './fees.ts'
import { EXPECTED_TX_GAS, expectedTokenGas, gasLimitOf } from './gas.ts'
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
  readonly items: readonly DraftItem[]
  /** The tokens that its items touch, in lower case. */
  readonly tokens: ReadonlySet<string>
  readonly profitWei: Wei
  readonly expectedGas: Gas
  readonly gasLimit: Gas
  readonly bidBps: Bps
  /** Profit less bid and gas. */
  readonly netWei: Wei
}

interface DraftItem {
  readonly sized: Sized
  /** What it makes over the gas that it adds. */
  readonly surplusWei: bigint
}

/**
 * Returns a transaction that begins with this item; undefined when that would not pay for its own gas. What the
 * transaction costs beside its items they may pay together: until they do, it is not `isWorth` sending.
 */
export const beginDraft = (sized: Sized, frame: PlanFrame): PlanDraft | undefined => {
  const { protocol } = sized.opportunity
  return extend({ ...EMPTY, protocol }, sized, frame)
}

/** Returns the transaction with one more item; undefined when that would not raise its net by enough. */
export const extendDraft = (
  draft: PlanDraft,
  sized: Sized,
  frame: PlanFrame,
): PlanDraft | undefined => {
  if (draft.items.length >= frame.params.maxItemsPerTx) return undefined
  if (draft.protocol !== sized.opportunity.protocol) return undefined
  return extend(draft, sized, frame)
}

const EMPTY: Omit<PlanDraft, 'protocol'> = {
  items: [],
  tokens: new Set(),
  profitWei: wei(0n),
  expectedGas: EXPECTED_TX_GAS,
  gasLimit: gasLimitOf(EXPECTED_TX_GAS),
  bidBps: bps(0),
  netWei: wei(0n),
}

/** Returns whether the items leave the least that each must, on average and after the transaction's own gas. */
export const isWorth = ({ netWei, items }: PlanDraft, frame: PlanFrame): boolean =>
  netWei > 0n && usdOfWei(netWei, frame.etherPriceUsd) >= frame.params.minNetUsd * items.length

/** What is bid is a share of what the whole transaction makes, so that an item is worth adding that makes its gas. */
const extend = (draft: PlanDraft, sized: Sized, frame: PlanFrame): PlanDraft | undefined => {
  const { trade } = sized
  const { collateral, debt } = trade.pair
  const tokens = new Set(draft.tokens)
  for (const { address } of [collateral, debt]) tokens.add(address.toLowerCase())
  const itemGas = gas(expectedTokenGas(tokens.size - draft.tokens.size) + sized.expectedGas)
  const itemCostWei = wei(itemGas * frame.gasPriceWei)
  const { profitWei: itemWei } = trade
  const bidWei = bidWeiOf(itemWei, bidBpsOf(itemWei, itemCostWei, frame.params))
  const leftUsd = usdOfWei(wei(itemWei - bidWei - itemCostWei), frame.etherPriceUsd)
  if (leftUsd <= 0 || leftUsd < frame.params.minNetUsd) return undefined

  const profitWei = wei(draft.profitWei + itemWei)
  const expectedGas = gas(draft.expectedGas + itemGas)
  const gasCostWei = wei(expectedGas * frame.gasPriceWei)
  const bidBps = bidBpsOf(profitWei, gasCostWei, frame.params)
  return {
    protocol: draft.protocol,
    items: [...draft.items, { sized, surplusWei: itemWei - itemCostWei }],
    tokens,
    profitWei,
    expectedGas,
    gasLimit: gasLimitOf(expectedGas),
    bidBps,
    netWei: wei(profitWei - bidWeiOf(profitWei, bidBps) - gasCostWei),
  }
}

/** The net of a transaction is its items' in the parts in which they make it. */
const itemsOf = (draft: PlanDraft, frame: PlanFrame): readonly PlanItem[] => {
  const surplusWei = draft.items.reduce((sum, item) => sum + item.surplusWei, 0n)
  const netUsd = usdOfWei(draft.netWei, frame.etherPriceUsd)
  return draft.items.map(({ sized, surplusWei: partWei }) => {
    const { opportunity, trade } = sized
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
      bidWei: bidWeiOf(trade.profitWei, draft.bidBps),
      netUsd: (netUsd * Number(partWei)) / Number(surplusWei),
      eligibleBlock: frame.eligibleBlockOf(opportunity.position),
    }
  })
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
    items: itemsOf(draft, frame),
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
  const text = [
    head.hash,
    ...updates,
    ...items.map(({ sized }) => sized.opportunity.position),
  ].join()
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
