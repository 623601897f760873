import { min, mulDivDown, mulDivUp, sub } from '../../core/math.ts'
import type { MorphoTotals } from '../../core/types/market.ts'
import { type Raw, raw, WAD, type Wad, wad } from '../../core/units.ts'
import { type Holding, healthOf, ORACLE_PRICE_SCALE } from './health.ts'
import { toAssetsDown, toAssetsUp, toSharesUp } from './shares-math.ts'
import { fitsUint128, fitsUint256 } from './uint256.ts'
import { wDivDown, wDivUp, wMulDown, zeroFloorSub } from './wad-math.ts'

const LIQUIDATION_CURSOR_WAD = (3n * WAD) / 10n
const MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD = wad((115n * WAD) / 100n)

/** Why the contract refuses a call, in its own words and Solidity's; `Panic17` is an underflow, `Panic18` a division by zero. */
export type LiquidateError =
  | 'inconsistent input'
  | 'position is healthy'
  | 'max uint128 exceeded'
  | 'Panic17'
  | 'Panic18'

/** How much is asked for: exactly one of the two is not zero. */
export interface Asked {
  readonly seizeRaw: Raw
  readonly repaySharesRaw: Raw
}

/** All that a call depends on but for its size; interest is accrued to the time of the call. */
export interface LiquidateCase {
  readonly holding: Holding
  readonly supply: MorphoTotals
  readonly borrow: MorphoTotals
  readonly priceRaw: Raw
  readonly lltvWad: Wad
}

/** What a call moves, and what it leaves. */
export interface Liquidated extends Asked {
  readonly repayRaw: Raw
  readonly badDebtRaw: Raw
  readonly badDebtSharesRaw: Raw
  readonly holding: Holding
  readonly supply: MorphoTotals
  readonly borrow: MorphoTotals
}

/** Mirrors the liquidation incentive factor of `Morpho.liquidate` (morpho-blue 1.0.0). */
export const incentiveFactor = (lltvWad: Wad): Wad =>
  min(
    MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD,
    wDivDown(WAD, WAD - wMulDown(LIQUIDATION_CURSOR_WAD, WAD - lltvWad)),
  )

/** Mirrors the two ways of `Morpho.liquidate` and `PreLiquidation.preLiquidate` to tell what is seized from what is repaid, and back. */
export const settle = (
  { seizeRaw, repaySharesRaw }: Asked,
  borrow: MorphoTotals,
  priceRaw: Raw,
  factorWad: Wad,
): Asked | 'Panic17' | 'Panic18' => {
  if (seizeRaw > 0n) {
    if (!fitsUint256(seizeRaw * priceRaw)) return 'Panic17'
    const quotedRaw = mulDivUp(seizeRaw, priceRaw, ORACLE_PRICE_SCALE)
    return { seizeRaw, repaySharesRaw: toSharesUp(wDivUp(quotedRaw, factorWad), borrow) }
  }
  const worthRaw = wMulDown(toAssetsDown(repaySharesRaw, borrow), factorWad)
  if (!fitsUint256(worthRaw * ORACLE_PRICE_SCALE)) return 'Panic17'
  if (priceRaw === 0n) return 'Panic18'
  return { seizeRaw: mulDivDown(worthRaw, ORACLE_PRICE_SCALE, priceRaw), repaySharesRaw }
}

/** Mirrors the end of `Morpho.liquidate`: debt that nothing is left to pay for is taken from the lenders. */
const withBadDebt = (it: Liquidated): Liquidated => {
  const { collateralRaw, borrowSharesRaw: badDebtSharesRaw } = it.holding
  if (collateralRaw !== 0n) return it
  const badDebtRaw = min(it.borrow.assetsRaw, toAssetsUp(badDebtSharesRaw, it.borrow))
  return {
    ...it,
    badDebtRaw,
    badDebtSharesRaw,
    holding: { collateralRaw, borrowSharesRaw: raw(0n) },
    supply: { ...it.supply, assetsRaw: sub(it.supply.assetsRaw, badDebtRaw) },
    borrow: {
      assetsRaw: sub(it.borrow.assetsRaw, badDebtRaw),
      sharesRaw: sub(it.borrow.sharesRaw, badDebtSharesRaw),
    },
  }
}

/** Mirrors `Morpho.liquidate` (morpho-blue 1.0.0): there is no close factor, and asking for more than there is reverts. */
export const liquidate = (
  { holding, supply, borrow, priceRaw, lltvWad }: LiquidateCase,
  asked: Asked,
): Liquidated | LiquidateError => {
  if ((asked.seizeRaw === 0n) === (asked.repaySharesRaw === 0n)) return 'inconsistent input'
  const health = healthOf(holding, borrow, priceRaw, lltvWad)
  if (health === undefined) return 'Panic17'
  if (health.maxBorrowRaw >= health.borrowedRaw) return 'position is healthy'
  const settled = settle(asked, borrow, priceRaw, incentiveFactor(lltvWad))
  if (typeof settled === 'string') return settled
  const { seizeRaw, repaySharesRaw } = settled
  const repayRaw = toAssetsUp(repaySharesRaw, borrow)
  if (!fitsUint128(repaySharesRaw)) return 'max uint128 exceeded'
  if (repaySharesRaw > holding.borrowSharesRaw) return 'Panic17'
  if (!fitsUint128(seizeRaw)) return 'max uint128 exceeded'
  if (seizeRaw > holding.collateralRaw) return 'Panic17'
  return withBadDebt({
    seizeRaw,
    repayRaw,
    repaySharesRaw,
    badDebtRaw: raw(0n),
    badDebtSharesRaw: raw(0n),
    holding: {
      borrowSharesRaw: sub(holding.borrowSharesRaw, repaySharesRaw),
      collateralRaw: sub(holding.collateralRaw, seizeRaw),
    },
    supply,
    borrow: {
      // The repayment may be one more than all that is owed.
      assetsRaw: zeroFloorSub(borrow.assetsRaw, repayRaw),
      sharesRaw: sub(borrow.sharesRaw, repaySharesRaw),
    },
  })
}
