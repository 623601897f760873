import type { MorphoTotals } from '../../core/types/market.ts'
import type { Raw, Wad } from '../../core/units.ts'
import { ORACLE_PRICE_SCALE } from './health.ts'

/** Factors of the float screen: an account may be liquidatable only where collateral × its weight < shares × theirs + slack. */
export interface ScreenWeights {
  readonly collateral: number
  readonly borrowShares: number
  readonly slack: number
}

/** Far above the rounding of a product of five floats (1e-15 of it), far below what would let through the healthy. */
const FLOAT_ERROR = 1e-9

/**
 * Returns weights such that no account has collateral × weight of them or more and is below the threshold by the contract.
 *
 * The contract calls an account unhealthy when ⌊⌊c·p/1e36⌋·L⌋ < ⌈b·(A+1)/(S+1e6)⌉, with L below one. The left side is
 * more than c·p·L/1e36 − 2, the right one less than b·(A+1)/(S+1e6) + 1. Hence c·p·L/1e36 < b·(A+1)/(S+1e6) + 3, each
 * factor moved against us by more than floats can err. The window of a pre-liquidation opens by the same formula.
 */
export const screenWeights = (
  borrow: MorphoTotals,
  priceRaw: Raw,
  thresholdWad: Wad,
): ScreenWeights => ({
  collateral:
    (Number(priceRaw) / Number(ORACLE_PRICE_SCALE)) *
    (Number(thresholdWad) / 1e18) *
    (1 - FLOAT_ERROR),
  borrowShares:
    (Number(borrow.assetsRaw + 1n) / Number(borrow.sharesRaw + 1_000_000n)) * (1 + FLOAT_ERROR),
  slack: 3 * (1 + FLOAT_ERROR),
})
