import { MAX_TICK, MIN_TICK, sqrtRatioAtTick } from './tick-math.ts'

/** The initialised ticks of a pool in ascending order, and the liquidity that crossing each upward adds. */
export interface TickTable {
  readonly ticks: Int32Array
  readonly nets: readonly bigint[]
  /** Returns the index of the last tick that is not above, -1 when there is none. */
  readonly indexAt: (tick: number) => number
  /** Returns the liquidity in range at a tick: the sum of the nets up to it. */
  readonly liquidityAt: (tick: number) => bigint
  /** Returns the square root of the price at a tick that a swap may stop at. */
  readonly sqrtRatioAt: (tick: number) => bigint
}

/** Where a swap step may lead at most: an initialised tick or the end of a bitmap word. */
export interface NextTick {
  readonly tick: number
  /** Index of the initialised tick, undefined at a mere end of a word. */
  readonly index: number | undefined
}

/** Creates the immutable table of `[tick, liquidityNet]` in any order. */
export const createTickTable = (entries: Iterable<readonly [number, bigint]>): TickTable => {
  const sorted = [...entries].sort(([a], [b]) => a - b)
  const ticks = Int32Array.from(sorted, ([tick]) => tick)
  const nets = sorted.map(([, net]) => net)
  // Ratios are computed once each, and only those that a swap has come by: ticks and the ends of words.
  const ratios = new Map<number, bigint>()
  const indexAt = (tick: number): number => {
    let low = 0
    let high = ticks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (ticks[middle]! <= tick) low = middle + 1
      else high = middle
    }
    return low - 1
  }
  return {
    ticks,
    nets,
    indexAt,
    liquidityAt: (tick) => {
      let liquidity = 0n
      for (let index = indexAt(tick); index >= 0; index--) liquidity += nets[index]!
      return liquidity
    },
    sqrtRatioAt: (tick) => {
      const known = ratios.get(tick)
      if (known !== undefined) return known
      const ratio = sqrtRatioAtTick(tick)
      ratios.set(tick, ratio)
      return ratio
    },
  }
}

/**
 * Returns the next initialised tick within the word of the tick bitmap, or the word's end, within the bounds.
 * Mirrors `TickBitmap.nextInitializedTickWithinOneWord` and the clamp in `UniswapV3Pool.swap`: the ends of words
 * must be stepped to, since each step rounds. `index` is what `table.indexAt(tick)` gives.
 */
export const nextTick = (
  table: TickTable,
  tick: number,
  index: number,
  spacing: number,
  zeroForOne: boolean,
): NextTick => {
  const compressed = Math.floor(tick / spacing)
  if (zeroForOne) {
    const wordEnd = (compressed >> 8) * 256 * spacing
    const below = table.ticks[index]
    if (below !== undefined && below >= wordEnd) return { tick: below, index }
    return { tick: Math.max(wordEnd, MIN_TICK), index: undefined }
  }
  const wordEnd = (((compressed + 1) >> 8) * 256 + 255) * spacing
  const above = table.ticks[index + 1]
  if (above !== undefined && above <= wordEnd) return { tick: above, index: index + 1 }
  return { tick: Math.min(wordEnd, MAX_TICK), index: undefined }
}
