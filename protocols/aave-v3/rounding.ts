import { RAY, type Raw, type Ray } from '../../core/units.ts'
import type { CompoundedInterest } from './market-at.ts'
import { compoundedInterest, percentDiv, percentMul, rayDiv, rayMul } from './ray-math.ts'

/**
 * What differs between the revisions from 3.3 on, all of it measured on the contracts of aave-v3-origin: they round half
 * up at first, then in the pool's favour.
 */
export interface Rounding {
  /** The version of the revision. */
  readonly version: string
  readonly compounded: CompoundedInterest
  /** A reserve without a threshold is no collateral, not even in a category that gives it one. */
  readonly gatesThreshold: boolean
  /** Health is the weighted sum over the debt, not the rounded average threshold of the sum. */
  readonly weighsHealth: boolean
  readonly suppliedOf: (scaledRaw: Raw, indexRay: Ray) => Raw
  readonly owedOf: (scaledRaw: Raw, indexRay: Ray) => Raw
  /** What an amount takes off a scaled supply. */
  readonly scaledSupply: (amountRaw: Raw, indexRay: Ray) => Raw
  /** What an amount takes off a scaled debt. */
  readonly scaledDebt: (amountRaw: Raw, indexRay: Ray) => Raw
  /** A debt's worth, before it is divided by one whole token. */
  readonly worthOfDebt: (product: bigint, unitRaw: Raw) => bigint
  readonly withBonus: (amountRaw: Raw, bonusBps: bigint) => Raw
  /** What is repaid where there is not collateral enough. */
  readonly withoutBonus: (amountRaw: Raw, bonusBps: bigint) => Raw
  /** What of the collateral is no bonus. */
  readonly bonusBase: (amountRaw: Raw, bonusBps: bigint) => Raw
  readonly fee: (bonusRaw: Raw, feeBps: bigint) => Raw
  /** Whether nothing is left of the collateral is told by what the scaled balance lost. */
  readonly countsScaledLoss: boolean
}

const SECONDS_PER_YEAR = 31_536_000n
const PERCENT = 10_000n

const floor = (a: bigint, b: bigint): bigint => a / b
const ceil = (a: bigint, b: bigint): bigint => (a === 0n ? 0n : (a - 1n) / b + 1n)

type Rounds = (a: bigint, b: bigint) => bigint

const rayMulBy =
  (round: Rounds) =>
  (amount: Raw, indexRay: Ray): Raw =>
    round(amount * indexRay, RAY) as Raw
const rayDivBy =
  (round: Rounds) =>
  (amount: Raw, indexRay: Ray): Raw =>
    round(amount * RAY, indexRay) as Raw
const percentMulBy =
  (round: Rounds) =>
  (amount: Raw, percentBps: bigint): Raw =>
    round(amount * percentBps, PERCENT) as Raw
const percentDivBy =
  (round: Rounds) =>
  (amount: Raw, percentBps: bigint): Raw =>
    round(amount * PERCENT, percentBps) as Raw

/** Mirrors `MathUtils.calculateCompoundedInterest` (aave-v3-origin 3.4): three terms of the exponential, nested. */
const exponentialInterest: CompoundedInterest = (rateRay, elapsedSec) => {
  const x = ((rateRay * elapsedSec) / SECONDS_PER_YEAR) as Ray
  const inner = (x / 2n + rayMul(x, (x / 6n) as Ray)) as Ray
  return (RAY + x + rayMul(x, inner)) as Ray
}

const rounding33: Rounding = {
  version: '3.3',
  compounded: compoundedInterest,
  gatesThreshold: true,
  weighsHealth: false,
  suppliedOf: rayMul,
  owedOf: rayMul,
  scaledSupply: rayDiv,
  scaledDebt: rayDiv,
  worthOfDebt: floor,
  withBonus: percentMul,
  withoutBonus: percentDiv,
  bonusBase: percentDiv,
  fee: percentMul,
  countsScaledLoss: false,
}

const rounding34: Rounding = { ...rounding33, version: '3.4', compounded: exponentialInterest }

const rounding35: Rounding = {
  ...rounding34,
  version: '3.5',
  weighsHealth: true,
  suppliedOf: rayMulBy(floor),
  owedOf: rayMulBy(ceil),
  scaledSupply: rayDivBy(ceil),
  scaledDebt: rayDivBy(floor),
  worthOfDebt: ceil,
  withoutBonus: percentDivBy(ceil),
}

const rounding36: Rounding = { ...rounding35, version: '3.6', gatesThreshold: false }

const rounding37: Rounding = {
  ...rounding36,
  version: '3.7',
  withBonus: percentMulBy(floor),
  bonusBase: percentDivBy(floor),
  fee: percentMulBy(ceil),
  countsScaledLoss: true,
}

/** From this revision on events no longer tell scaled balances by themselves. */
export const DIRECTED_REVISION = 9

/**
 * Returns a scaled balance after its balance changed by a signed amount at an index; mirrors what `Mint` and `Burn` of
 * aTokens and variable debt tokens say from revision 9 on.
 */
export const scaledAfter = (
  side: 'supply' | 'debt',
  scaledRaw: Raw,
  deltaRaw: Raw,
  indexRay: Ray,
): Raw => {
  const { suppliedOf, owedOf, scaledSupply, scaledDebt } = rounding35
  return side === 'supply'
    ? scaledSupply((suppliedOf(scaledRaw, indexRay) + deltaRaw) as Raw, indexRay)
    : scaledDebt((owedOf(scaledRaw, indexRay) + deltaRaw) as Raw, indexRay)
}

/** The roundings by `POOL_REVISION`. */
export const roundings: ReadonlyMap<number, Rounding> = new Map([
  [7, rounding33],
  [8, rounding34],
  [9, rounding35],
  [10, rounding36],
  [11, rounding37],
])
