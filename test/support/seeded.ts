/** A repeatable stream of random numbers, by mulberry32. */
export interface Seeded {
  /** At least 0 and below 1. */
  readonly unit: () => number
  readonly between: (low: number, high: number) => number
  readonly below: (n: number) => number
  readonly pick: <T>(from: readonly T[]) => T
  /** Distinct members, in random order. */
  readonly some: <T>(from: readonly T[], count: number) => T[]
  readonly chance: (probability: number) => boolean
}

/** Creates the stream of a seed. */
export const seeded = (seed: number): Seeded => {
  let state = seed >>> 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(unit() * n)
  return {
    unit,
    below,
    between: (low, high) => low + unit() * (high - low),
    pick: (from) => from[below(from.length)]!,
    some: (from, count) => {
      const rest = [...from]
      return Array.from({ length: Math.min(count, rest.length) }, () =>
        rest.splice(below(rest.length), 1).at(0),
      ).filter((member) => member !== undefined)
    },
    chance: (probability) => unit() < probability,
  }
}
