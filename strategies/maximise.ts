import type { Wei } from '../core/units.ts'

interface Profitable {
  readonly profitWei: Wei
}

/** How finely a slope is measured: differences of a 4,096th bend by less than a millionth. */
const SLOPE_BITS = 12n
/** The optimum is found to a 4,194,304th of itself. */
const PRECISION_BITS = 22n
const HALVINGS = 16
const STEPS = 24

/**
 * Returns the best of what `evaluate` makes of 1 to `most`, for a profit that is concave in it but for rounding.
 * Undefined is worse than any profit. It looks at the upper end first,
 * where most optima are, then brackets by halving, then finds where the slope vanishes; floats only choose where to
 * look, and of all that was looked at the exact best is returned.
 */
export const maximise = <T extends Profitable>(
  most: bigint,
  evaluate: (amount: bigint) => T | undefined,
): T | undefined => {
  let best: T | undefined
  const profitAt = (amount: bigint): bigint | undefined => {
    const value = evaluate(amount)
    if (value !== undefined && (best === undefined || value.profitWei > best.profitWei))
      best = value
    return value?.profitWei
  }
  const slopeAt = (amount: bigint): number => {
    const reach = amount >> SLOPE_BITS || 1n
    const upper = amount + reach > most ? most : amount + reach
    const lower = amount - reach < 1n ? 1n : amount - reach
    const above = profitAt(upper)
    if (above === undefined) return Number.NEGATIVE_INFINITY
    return Number(above - (profitAt(lower) ?? 0n)) / Number(upper - lower)
  }

  if (most < 1n) return undefined
  const end = profitAt(most)
  const beforeEnd = most > 1n ? profitAt(most - (most >> SLOPE_BITS || 1n)) : undefined
  if (end !== undefined && (beforeEnd === undefined || end >= beforeEnd)) return best

  let high = most
  let low = most
  let previous = end
  for (let halving = 0; ; halving++) {
    if (halving === HALVINGS || low <= 1n) return best
    const middle = low
    low >>= 1n
    const profit = profitAt(low)
    if (previous !== undefined && (profit === undefined || profit < previous)) break
    previous = profit
    high = middle
  }
  // The last half was worse than its double, which was no worse than what it came from: the peak is between.
  const [from, to] = findFlat(low, high, slopeAt)
  for (const amount of [from - 1n, from, from + 1n, (from + to) >> 1n, to])
    if (amount >= 1n && amount <= most) profitAt(amount)
  return best
}

/** Returns the narrowest bracket of where the slope vanishes (regula falsi, Illinois variant). */
const findFlat = (
  from: bigint,
  to: bigint,
  slopeAt: (amount: bigint) => number,
): readonly [bigint, bigint] => {
  let low = from
  let high = to
  let slopeLow = slopeAt(low)
  let slopeHigh = slopeAt(high)
  let lastSide = 0
  for (let step = 0; step < STEPS && high - low > (low >> PRECISION_BITS || 1n); step++) {
    const share = Number.isFinite(slopeHigh) ? slopeLow / (slopeLow - slopeHigh) : 0.5
    const inside = share > 0 && share < 1 ? share : 0.5
    const offset = ((high - low) * BigInt(Math.round(inside * 2 ** 40))) >> 40n
    const middle = low + (offset || 1n)
    const slope = slopeAt(middle)
    if (slope === 0) return [middle, middle]
    if (slope > 0) {
      low = middle
      slopeLow = slope
      if (lastSide > 0) slopeHigh /= 2
      lastSide = 1
    } else {
      high = middle
      slopeHigh = slope
      if (lastSide < 0) slopeLow /= 2
      lastSide = -1
    }
  }
  return [low, high]
}
