import { mulDivDown, mulDivUp } from '../../core/math.ts'
import { WAD, type Wad } from '../../core/units.ts'

/** Mirrors `MathLib.wMulDown` (morpho-blue 1.0.0) and, for signed factors, `wMulToZero` of the rate model, in the unit of `x`. */
export const wMulDown = <U extends bigint>(x: U, y: bigint): U => mulDivDown(x, y, WAD)

/** Mirrors `MathLib.wDivDown` (morpho-blue 1.0.0) and, for signed dividends, `wDivToZero` of the rate model. */
export const wDivDown = (x: bigint, y: bigint): Wad => mulDivDown(WAD, x, y)

/** Mirrors `MathLib.wDivUp` (morpho-blue 1.0.0), in the unit of `x`. */
export const wDivUp = <U extends bigint>(x: U, y: bigint): U => mulDivUp(x, WAD, y)

/** Mirrors `MathLib.wTaylorCompounded` (morpho-blue 1.0.0): three terms of e^(rate × time) − 1, each rounded down. */
export const wTaylorCompounded = (rateWad: Wad, elapsedSec: bigint): Wad => {
  const first = (rateWad * elapsedSec) as Wad
  const second = mulDivDown(first, first, 2n * WAD)
  const third = mulDivDown(second, first, 3n * WAD)
  return (first + second + third) as Wad
}

/** Mirrors `UtilsLib.zeroFloorSub` (morpho-blue 1.0.0). */
export const zeroFloorSub = <U extends bigint>(x: U, y: U): U => (x > y ? x - y : 0n) as U
