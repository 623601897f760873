import type { Head, PendingUpdate } from '../core/types/chain.ts'
import type { Plan, PlanItem } from '../core/types/plan.ts'
import { type Bps, bps, type Gas, gas, type Wei, wei } from '../core/units.ts'
import { bidBpsOf, bidWeiOf } from './bidding.ts'
import { usdOfWei } from './ether-price.ts'
import { maxFeePerGasWei } from './fees.ts'
import { EXPECTED_TX_GAS, expectedTokenGas, itemGasLimit, TX_GAS_LIMIT } from './gas.ts'
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
  /** What it adds to the net of its transaction. */
  readonly addedUsd: number
}

/** Returns a transaction that begins with this item; undefined when it would not pay for the transaction. */
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
  gasLimit: TX_GAS_LIMIT,
  bidBps: bps(0),
  netWei: wei(0n),
}

/** What is bid is a share of what the whole transaction makes, so that an item is worth adding that makes its gas. */
const extend = (draft: PlanDraft, sized: Sized, frame: PlanFrame): PlanDraft | undefined => {
  const { trade } = sized
  const { collateral, debt } = trade.pair
  const tokens = new Set(draft.tokens)
  for (const { address } of [collateral, debt]) tokens.add(address.toLowerCase())
  const coldGas = expectedTokenGas(tokens.size - draft.tokens.size)

  const profitWei = wei(draft.profitWei + trade.profitWei)
  const expectedGas = gas(draft.expectedGas + coldGas + sized.expectedGas)
  const gasCostWei = wei(expectedGas * frame.gasPriceWei)
  const bidBps = bidBpsOf(profitWei, gasCostWei, frame.params)
  const netWei = wei(profitWei - bidWeiOf(profitWei, bidBps) - gasCostWei)
  const addedWei = wei(netWei - draft.netWei)
  const addedUsd = usdOfWei(addedWei, frame.etherPriceUsd)
  if (addedWei <= 0n || addedUsd < frame.params.minNetUsd) return undefined
  return {
    protocol: draft.protocol,
    items: [...draft.items, { sized, addedUsd }],
    tokens,
    profitWei,
    expectedGas,
    gasLimit: gas(draft.gasLimit + gasLimitOf(sized)),
    bidBps,
    netWei,
  }
}

const gasLimitOf = ({ trade }: Sized): Gas =>
  itemGasLimit(trade.route.length + trade.settle.length, trade.ticksCrossed)

const itemOf = (
  { sized, addedUsd }: DraftItem,
  bidBps: Bps,
  eligibleBlockOf: PlanFrame['eligibleBlockOf'],
): PlanItem => {
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
    bidWei: bidWeiOf(trade.profitWei, bidBps),
    gasLimit: gasLimitOf(sized),
    netUsd: addedUsd,
    eligibleBlock: eligibleBlockOf(opportunity.position),
  }
}

/** Returns the plan of a finished draft; `number` counts within the evaluation. */
export const planOf = (draft: PlanDraft, number: number, frame: PlanFrame): Plan => {
  const { strategy, head, behind, ahead, gasPriceWei, eligibleBlockOf } = frame
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
    items: draft.items.map((item) => itemOf(item, draft.bidBps, eligibleBlockOf)),
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
