import { RAY, type Ray, type Wad } from '../../core/units.ts'

const HALF_RAY = RAY / 2n
const WAD = 10n ** 18n
const PERCENTAGE_FACTOR = 10_000n
const HALF_PERCENTAGE_FACTOR = 5_000n
const SECONDS_PER_YEAR = 31_536_000n

/** Mirrors `WadRayMath.rayMul` (core-v3 1.19.3): half up, in the unit of `a`. */
export const rayMul = <U extends bigint>(a: U, b: Ray): U => ((a * b + HALF_RAY) / RAY) as U

/** Mirrors `WadRayMath.rayDiv` (core-v3 1.19.3): half up, in the unit of `a`. */
export const rayDiv = <U extends bigint>(a: U, b: Ray): U => ((a * RAY + b / 2n) / b) as U

/** Mirrors `WadRayMath.wadDiv` (core-v3 1.19.3): half up. */
export const wadDiv = (a: bigint, b: bigint): Wad => ((a * WAD + b / 2n) / b) as Wad

/** Mirrors `PercentageMath.percentMul` (core-v3 1.19.3): half up. */
export const percentMul = <U extends bigint>(value: U, percentageBps: bigint): U =>
  ((value * percentageBps + HALF_PERCENTAGE_FACTOR) / PERCENTAGE_FACTOR) as U

/** Mirrors `PercentageMath.percentDiv` (core-v3 1.19.3): half up. */
export const percentDiv = <U extends bigint>(value: U, percentageBps: bigint): U =>
  ((value * PERCENTAGE_FACTOR + percentageBps / 2n) / percentageBps) as U

/** Mirrors `MathUtils.calculateLinearInterest` (core-v3 1.19.3): the factor of a rate over a time, rounded down. */
export const linearInterest = (rateRay: Ray, elapsedSec: bigint): Ray =>
  (RAY + (rateRay * elapsedSec) / SECONDS_PER_YEAR) as Ray

/** Mirrors `MathUtils.calculateCompoundedInterest` (core-v3 1.19.3): three terms of the binomial, each rounded down. */
export const compoundedInterest = (rateRay: Ray, elapsedSec: bigint): Ray => {
  if (elapsedSec === 0n) return RAY
  const minusOne = elapsedSec - 1n
  const minusTwo = elapsedSec > 2n ? elapsedSec - 2n : 0n
  const squared = rayMul(rateRay, rateRay) / (SECONDS_PER_YEAR * SECONDS_PER_YEAR)
  const cubed = rayMul(squared, rateRay) / SECONDS_PER_YEAR
  const second = (elapsedSec * minusOne * squared) / 2n
  const third = (elapsedSec * minusOne * minusTwo * cubed) / 6n
  return (RAY + (rateRay * elapsedSec) / SECONDS_PER_YEAR + second + third) as Ray
}
