import { max, min } from '../../core/math.ts'
import type { MorphoTotals } from '../../core/types/market.ts'
import { WAD, type Wad, wad } from '../../core/units.ts'
import { wExp } from './exponential.ts'
import { wDivDown, wMulDown } from './wad-math.ts'

/** Rates per second; the contract rounds them down before it does anything with them. */
const SECONDS_PER_YEAR = 31_536_000n
const ADJUSTMENT_SPEED_WAD = (50n * WAD) / SECONDS_PER_YEAR
const INITIAL_RATE_AT_TARGET_WAD = wad((4n * WAD) / 100n / SECONDS_PER_YEAR)
const MIN_RATE_AT_TARGET_WAD = wad(WAD / 1_000n / SECONDS_PER_YEAR)
const MAX_RATE_AT_TARGET_WAD = wad((2n * WAD) / SECONDS_PER_YEAR)
const TARGET_UTILIZATION_WAD = (9n * WAD) / 10n
const CURVE_STEEPNESS_WAD = 4n * WAD

/** What the rate model answers, per second, and what it remembers. */
export interface BorrowRate {
  readonly averageRateWad: Wad
  readonly rateAtTargetWad: Wad
}

/** Mirrors `_newRateAtTarget` of AdaptiveCurveIrm (morpho-blue-irm a1a87fd5). */
const newRateAtTarget = (startWad: Wad, adaptationWad: bigint): Wad =>
  min(max(wMulDown(startWad, wExp(adaptationWad)), MIN_RATE_AT_TARGET_WAD), MAX_RATE_AT_TARGET_WAD)

/** Mirrors `_curve` of AdaptiveCurveIrm (morpho-blue-irm a1a87fd5). */
const curve = (rateAtTargetWad: Wad, errWad: bigint): Wad => {
  const slopeWad =
    errWad < 0n ? WAD - wDivDown(WAD, CURVE_STEEPNESS_WAD) : CURVE_STEEPNESS_WAD - WAD
  return wMulDown(rateAtTargetWad, wMulDown(slopeWad, errWad) + WAD)
}

/**
 * Mirrors `_borrowRate` of AdaptiveCurveIrm (morpho-blue-irm a1a87fd5) with the totals before the accrual: a rate at
 * target of zero is a market's first, and utilisation may be above one.
 */
export const borrowRate = (
  supply: MorphoTotals,
  borrow: MorphoTotals,
  startWad: Wad,
  elapsedSec: bigint,
): BorrowRate => {
  const utilizationWad = supply.assetsRaw > 0n ? wDivDown(borrow.assetsRaw, supply.assetsRaw) : 0n
  const spanWad =
    utilizationWad > TARGET_UTILIZATION_WAD ? WAD - TARGET_UTILIZATION_WAD : TARGET_UTILIZATION_WAD
  const errWad = wDivDown(utilizationWad - TARGET_UTILIZATION_WAD, spanWad)
  if (startWad === 0n) {
    const initialWad = INITIAL_RATE_AT_TARGET_WAD
    return { averageRateWad: curve(initialWad, errWad), rateAtTargetWad: initialWad }
  }
  // Rounded before it is multiplied by the time, and not clamped when it comes to nothing.
  const adaptationWad = wMulDown(ADJUSTMENT_SPEED_WAD, errWad) * elapsedSec
  if (adaptationWad === 0n) {
    return { averageRateWad: curve(startWad, errWad), rateAtTargetWad: startWad }
  }
  const endWad = newRateAtTarget(startWad, adaptationWad)
  const middleWad = newRateAtTarget(startWad, adaptationWad / 2n)
  const averageWad = wad((startWad + endWad + 2n * middleWad) / 4n)
  return { averageRateWad: curve(averageWad, errWad), rateAtTargetWad: endWad }
}
