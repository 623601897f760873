import type { Address } from '../core/types/chain.ts'
import type { BidParams } from './bidding.ts'

/** What an operator tunes of a strategy that liquidates. */
export interface LiquidationParams extends BidParams {
  readonly enabled: boolean
  readonly weth: Address
  /** What each position must leave after bid and its own gas, and all of a transaction on average after all gas. */
  readonly minNetUsd: number
  readonly maxItemsPerTx: number
  /** Of all that could be closed, so many with the highest bounds are sized exactly. */
  readonly maxSized?: number
  readonly denyAccounts?: readonly Address[]
  readonly denyTokens?: readonly Address[]
}

/** Twice what four full transactions hold. */
export const DEFAULT_MAX_SIZED = 96
