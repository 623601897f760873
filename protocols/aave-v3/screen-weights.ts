import { isInCategory } from './account-data-33.ts'
import { priceFor } from './health.ts'
import type { EmodeAt, MarketAt, ReserveAt } from './market-at.ts'

/** Reserves that one category's weights have room for; a market of version 3 has at most 128. */
export const SLOTS = 256

/** Factors of the float screen, by `category's place × SLOTS + reserve's slot`. */
export interface ScreenWeights {
  readonly supplied: Float64Array
  readonly owed: Float64Array
  readonly slack: Float64Array
}

/** Far above the rounding of any sum of 256 float terms (3e-14 of its largest), far below what would let through the healthy. */
const FLOAT_ERROR = 1e-9

/**
 * What an account's sum starts from: 1e4 × the half unit that `percentMul` may add, and one for the comparison itself.
 */
export const SCREEN_START = -5_001

const setWeights = (weights: ScreenWeights, at: number, reserve: ReserveAt, emode: EmodeAt) => {
  const priceBase = priceFor(reserve, emode)
  if (priceBase === undefined || emode.silent) {
    weights.supplied[at] = weights.owed[at] = weights.slack[at] = Number.NaN
    return
  }
  const unitBase = Number(priceBase) / Number(reserve.unitRaw)
  const isListed = emode.category !== 0 && emode.category === reserve.category
  const inCategory = isListed || isInCategory(reserve, emode)
  const counts = reserve.thresholdBps !== 0n
  const threshold = Number(inCategory ? emode.thresholdBps : reserve.thresholdBps) - 1
  const margin = counts ? threshold : 0
  const supplied = unitBase * (Number(reserve.liquidityIndexRay) / 1e27) * margin
  weights.supplied[at] = supplied * (1 - Math.sign(margin) * FLOAT_ERROR)
  weights.owed[at] =
    unitBase * (Number(reserve.variableBorrowIndexRay) / 1e27) * 1e4 * (1 + FLOAT_ERROR)
  const slack = (unitBase + 1) * Math.abs(margin) + (unitBase + 1) * 1e4
  weights.slack[at] = slack * (1 + FLOAT_ERROR)
}

/**
 * Returns weights such that no account the contract would let us liquidate has a sum of zero or more.
 *
 * The contract refuses unless P < D, with P = percentMul(S, L), S = Σ s, L = ⌊Σ s·LT / S⌋. Hence
 * 1e4·P > Σ s·(LT − 1) − 5,000: its flooring of the average threshold costs less than one basis point
 * of each collateral; revisions that do not round the average are above that. A balance and a value, rounded half up or
 * in the pool's favour, differ from the real ones v and d by s > v − (u + 1) and D < Σ (d + u + 1), u the price of the
 * smallest unit. So an account is liquidatable only if
 *
 *     Σ v·(LT − 1) − 1e4·Σ d − Σ [(u + 1)·|LT − 1| + 1e4·(u + 1)] − 5,000 < 0
 *
 * which is what the screen sums up, with each weight moved against us by more than floats can err. A price that is
 * missing makes the sum NaN, which is not below zero: the contract would revert on such an account.
 */
export const screenWeights = (market: MarketAt, categories: readonly number[]): ScreenWeights => {
  const size = categories.length * SLOTS
  const weights = {
    supplied: new Float64Array(size).fill(Number.NaN),
    owed: new Float64Array(size).fill(Number.NaN),
    slack: new Float64Array(size).fill(Number.NaN),
  }
  categories.forEach((category, place) => {
    const emode = market.emodeOf(category)
    market.reserves.forEach((reserve, slot) => {
      if (reserve !== undefined) setWeights(weights, place * SLOTS + slot, reserve, emode)
    })
  })
  return weights
}
