import { mulDivDown } from '../../core/math.ts'
import type { MorphoPosition, MorphoTotals } from '../../core/types/market.ts'
import { type Raw, type Wad, wad } from '../../core/units.ts'
import { toAssetsUp } from './shares-math.ts'
import { fitsUint256 } from './uint256.ts'
import { wDivDown, wMulDown } from './wad-math.ts'

/** `ORACLE_PRICE_SCALE` of morpho-blue 1.0.0. */
export const ORACLE_PRICE_SCALE = 10n ** 36n

/** The health factor of an account without debt. */
const MAX_HEALTH_FACTOR = wad(2n ** 256n - 1n)

/** A position's part of its market at a price, in units of the loan. */
export interface Health {
  readonly collateralValueRaw: Raw
  readonly maxBorrowRaw: Raw
  readonly borrowedRaw: Raw
  /** Below one exactly when the contract calls the position unhealthy. */
  readonly healthFactorWad: Wad
}

export type Holding = Pick<MorphoPosition, 'borrowSharesRaw' | 'collateralRaw'>

/** Mirrors `Morpho._isHealthy` (morpho-blue 1.0.0) on totals that interest was accrued to; undefined where it would overflow. */
export const healthOf = (
  { borrowSharesRaw, collateralRaw }: Holding,
  borrow: MorphoTotals,
  priceRaw: Raw,
  lltvWad: Wad,
): Health | undefined => {
  if (!fitsUint256(collateralRaw * priceRaw)) return undefined
  const borrowedRaw = toAssetsUp(borrowSharesRaw, borrow)
  const collateralValueRaw = mulDivDown(collateralRaw, priceRaw, ORACLE_PRICE_SCALE)
  const maxBorrowRaw = wMulDown(collateralValueRaw, lltvWad)
  return {
    collateralValueRaw,
    maxBorrowRaw,
    borrowedRaw,
    healthFactorWad: borrowedRaw === 0n ? MAX_HEALTH_FACTOR : wDivDown(maxBorrowRaw, borrowedRaw),
  }
}
