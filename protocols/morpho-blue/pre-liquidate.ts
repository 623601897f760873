import { mulDivDown, sub } from '../../core/math.ts'
import type { MorphoPreLiquidation, MorphoTotals } from '../../core/types/market.ts'
import type { Raw, Wad } from '../../core/units.ts'
import { type Holding, healthOf, ORACLE_PRICE_SCALE } from './health.ts'
import { type Asked, settle } from './liquidate.ts'
import { toAssetsUp } from './shares-math.ts'
import { fitsUint128, fitsUint256 } from './uint256.ts'
import { wDivDown, wDivUp, wMulDown, zeroFloorSub } from './wad-math.ts'

/** Why the contract, or Morpho behind it, refuses a call, in their words and Solidity's; `oracle` where the market's one reverts. */
export type PreLiquidateError =
  | 'InconsistentInput'
  | 'LiquidatablePosition'
  | 'NotPreLiquidatablePosition'
  | 'PreLiquidationTooLarge'
  | 'inconsistent input'
  | 'zero assets'
  | 'insufficient collateral'
  | 'max uint128 exceeded'
  | 'Panic17'
  | 'Panic18'
  | 'oracle'

export type PreLiquidationTerms = Omit<MorphoPreLiquidation, 'address' | 'oracle'>

/** All that a call depends on but for its size; interest is accrued to the time of the call. */
export interface PreLiquidateCase {
  readonly terms: PreLiquidationTerms
  readonly holding: Holding
  readonly borrow: MorphoTotals
  /** By the contract's own oracle, which the window and the amounts go by. */
  readonly prePriceRaw: Raw
  /** By the market's oracle, which must call the position healthy afterwards; undefined where that one reverts. */
  readonly priceRaw: Raw | undefined
  readonly lltvWad: Wad
}

/** What the contract grants a position as it stands. */
export interface PreLiquidationOffer {
  readonly incentiveFactorWad: Wad
  readonly repayableSharesRaw: Raw
}

/** What a call moves, and what it leaves. */
export interface PreLiquidated extends Asked {
  readonly repayRaw: Raw
  readonly holding: Holding
  readonly borrow: MorphoTotals
}

/** Mirrors the window and the two straight lines of `PreLiquidation.preLiquidate` (pre-liquidation 9e8b7f42). */
export const preLiquidationOffer = ({
  terms,
  holding,
  borrow,
  prePriceRaw,
  lltvWad,
}: PreLiquidateCase): PreLiquidationOffer | PreLiquidateError => {
  if (!fitsUint256(holding.collateralRaw * prePriceRaw)) return 'Panic17'
  const quotedRaw = mulDivDown(holding.collateralRaw, prePriceRaw, ORACLE_PRICE_SCALE)
  const borrowedRaw = toAssetsUp(holding.borrowSharesRaw, borrow)
  if (borrowedRaw > wMulDown(quotedRaw, lltvWad)) return 'LiquidatablePosition'
  if (borrowedRaw <= wMulDown(quotedRaw, terms.preLltvWad)) return 'NotPreLiquidatablePosition'
  const ltvWad: bigint = wDivUp(borrowedRaw, quotedRaw)
  const quotientWad = wDivDown(ltvWad - terms.preLltvWad, lltvWad - terms.preLltvWad)
  const along = (from: Wad, to: Wad): bigint => wMulDown(quotientWad, to - from) + from
  return {
    incentiveFactorWad: along(terms.incentiveFactor1Wad, terms.incentiveFactor2Wad) as Wad,
    repayableSharesRaw: wMulDown(
      holding.borrowSharesRaw,
      along(terms.closeFactor1Wad, terms.closeFactor2Wad),
    ),
  }
}

/** Mirrors `_isHealthy` at the end of `Morpho.withdrawCollateral`: who owes nothing is healthy whatever the oracle does. */
const refusalAfter = (
  holding: Holding,
  borrow: MorphoTotals,
  { priceRaw, lltvWad }: PreLiquidateCase,
): PreLiquidateError | undefined => {
  if (holding.borrowSharesRaw === 0n) return undefined
  if (priceRaw === undefined) return 'oracle'
  const health = healthOf(holding, borrow, priceRaw, lltvWad)
  if (health === undefined) return 'Panic17'
  return health.maxBorrowRaw >= health.borrowedRaw ? undefined : 'insufficient collateral'
}

/** Mirrors `PreLiquidation.preLiquidate` (pre-liquidation 9e8b7f42) with the repayment and withdrawal that it makes of it. */
export const preLiquidate = (
  it: PreLiquidateCase,
  asked: Asked,
): PreLiquidated | PreLiquidateError => {
  if ((asked.seizeRaw === 0n) === (asked.repaySharesRaw === 0n)) return 'InconsistentInput'
  const offer = preLiquidationOffer(it)
  if (typeof offer === 'string') return offer
  const settled = settle(asked, it.borrow, it.prePriceRaw, offer.incentiveFactorWad)
  if (typeof settled === 'string') return settled
  const { seizeRaw, repaySharesRaw } = settled
  if (repaySharesRaw > offer.repayableSharesRaw) return 'PreLiquidationTooLarge'
  if (repaySharesRaw === 0n) return 'inconsistent input'
  if (!fitsUint128(repaySharesRaw)) return 'max uint128 exceeded'
  if (repaySharesRaw > it.holding.borrowSharesRaw) return 'Panic17'
  if (seizeRaw === 0n) return 'zero assets'
  if (!fitsUint128(seizeRaw)) return 'max uint128 exceeded'
  if (seizeRaw > it.holding.collateralRaw) return 'Panic17'
  const repayRaw = toAssetsUp(repaySharesRaw, it.borrow)
  const holding = {
    borrowSharesRaw: sub(it.holding.borrowSharesRaw, repaySharesRaw),
    collateralRaw: sub(it.holding.collateralRaw, seizeRaw),
  }
  const borrow = {
    assetsRaw: zeroFloorSub(it.borrow.assetsRaw, repayRaw),
    sharesRaw: sub(it.borrow.sharesRaw, repaySharesRaw),
  }
  return (
    refusalAfter(holding, borrow, it) ?? { seizeRaw, repayRaw, repaySharesRaw, holding, borrow }
  )
}
