import type { Raw, Ray, Sec, Wad } from '../units.ts'
import type { Address, Hex } from './chain.ts'

/** One decoded log: what a block changed in the world we follow. Decoded outside the loop, journalled as it is. */
export type Change = AaveChange | MorphoChange | FeedChange | PoolChange

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
  /** Change of the balance itself, signed, at an index: from revision 9 on what it makes of the scaled one depends on that. */
  | {
      readonly type: 'aave/balance'
      readonly side: 'supply' | 'debt'
      readonly reserve: Address
      readonly account: Address
      readonly deltaRaw: Raw
      readonly indexRay: Ray
    }
  /** A reserve's indexes were carried to this time without a word of where to: from revision 9 on. */
  | { readonly type: 'aave/accrue'; readonly reserve: Address; readonly updatedSec: Sec }
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

/** `market` is the market's id; amounts that may fall as well as rise are signed. */
export type MorphoChange =
  | { readonly type: 'morpho/created'; readonly market: Hex; readonly updatedSec: Sec }
  | { readonly type: 'morpho/fee'; readonly market: Hex; readonly feeWad: Wad }
  /** The rate model was asked: what it remembers from there on. */
  | { readonly type: 'morpho/rate'; readonly market: Hex; readonly rateAtTargetWad: Wad }
  | {
      readonly type: 'morpho/accrue'
      readonly market: Hex
      readonly interestRaw: Raw
      readonly feeSharesRaw: Raw
      readonly updatedSec: Sec
    }
  /** Supply and Withdraw. */
  | {
      readonly type: 'morpho/supply'
      readonly market: Hex
      readonly assetsRaw: Raw
      readonly sharesRaw: Raw
    }
  /** Borrow and Repay. */
  | {
      readonly type: 'morpho/borrow'
      readonly market: Hex
      readonly account: Address
      readonly assetsRaw: Raw
      readonly sharesRaw: Raw
    }
  | {
      readonly type: 'morpho/collateral'
      readonly market: Hex
      readonly account: Address
      readonly deltaRaw: Raw
    }
  | {
      readonly type: 'morpho/liquidation'
      readonly market: Hex
      readonly account: Address
      readonly repaidRaw: Raw
      readonly repaidSharesRaw: Raw
      readonly seizedRaw: Raw
      readonly badDebtRaw: Raw
      readonly badDebtSharesRaw: Raw
      readonly liquidator: Address
      readonly txHash: Hex
    }
  /** An account lets another act for it in every market, or no longer. */
  | {
      readonly type: 'morpho/authorization'
      readonly account: Address
      readonly authorized: Address
      readonly enabled: boolean
    }
  /** A PreLiquidation contract was made: the market must be read anew. */
  | {
      readonly type: 'morpho/pre-liquidation'
      readonly market: Hex
      readonly preLiquidation: Address
    }

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
