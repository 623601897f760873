import type { Raw, Ray, Sec } from '../units.ts'
import type { Address, Hex } from './chain.ts'

/** One decoded log: what a block changed in the world we follow. Decoded outside the loop, journalled as it is. */
export type Change = AaveChange | FeedChange | PoolChange

export type AaveChange =
  | {
      readonly type: 'aave/index'
      readonly reserve: Address
      readonly liquidityIndexRay: Ray
      readonly variableBorrowIndexRay: Ray
      readonly liquidityRateRay: Ray
      readonly variableBorrowRateRay: Ray
      readonly updatedSec: Sec
    }
  | {
      readonly type: 'aave/scaled'
      readonly side: 'supply' | 'debt'
      readonly reserve: Address
      readonly account: Address
      /** Change of the scaled balance, signed. */
      readonly deltaRaw: Raw
    }
  | {
      readonly type: 'aave/collateral'
      readonly reserve: Address
      readonly account: Address
      readonly enabled: boolean
    }
  | { readonly type: 'aave/emode'; readonly account: Address; readonly category: number }
  /** Stable-rate debt was opened: the account is followed but never acted upon. */
  | { readonly type: 'aave/stable-debt'; readonly reserve: Address; readonly account: Address }
  | {
      readonly type: 'aave/liquidation'
      readonly account: Address
      readonly collateral: Address
      readonly debt: Address
      readonly repaidRaw: Raw
      readonly seizedRaw: Raw
      readonly liquidator: Address
      readonly txHash: Hex
    }
  /** A reserve's configuration changed: the market must be read anew. */
  | { readonly type: 'aave/config' }

export interface FeedChange {
  readonly type: 'feed/answer'
  readonly aggregator: Address
  readonly answerRaw: Raw
  readonly roundId: number
  readonly epochAndRound: number
  readonly updatedSec: Sec
  readonly txHash: Hex
  readonly txIndex: number
}

export type PoolChange =
  | {
      readonly type: 'pool/price'
      readonly pool: Address
      readonly sqrtPriceX96: bigint
      readonly tick: number
      /** Absent on Initialize, where liquidity is still zero. */
      readonly liquidity?: bigint
    }
  | {
      readonly type: 'pool/liquidity'
      readonly pool: Address
      readonly tickLower: number
      readonly tickUpper: number
      /** Positive for Mint, negative for Burn. */
      readonly delta: bigint
    }
