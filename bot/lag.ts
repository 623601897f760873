/** Counts of how long things took, in buckets 5 % wide: quantiles of millions in a fixed 2 kB. */
export interface Lag {
  readonly count: number
  readonly add: (elapsedMs: number) => void
  /** Upper edge of the bucket that holds the quantile, in milliseconds; zero when nothing was counted. */
  readonly quantileMs: (quantile: number) => number
  readonly clear: () => void
  /** The buckets that are not empty, for `merge` in another thread. */
  readonly counts: () => readonly (readonly [bucket: number, count: number])[]
  readonly merge: (counts: readonly (readonly [bucket: number, count: number])[]) => void
}

const smallestMs = 0.001
const growth = 1.05
/** 1 us to 20 minutes. */
const buckets = 430

const bucketOf = (elapsedMs: number): number =>
  elapsedMs <= smallestMs
    ? 0
    : Math.min(buckets - 1, Math.ceil(Math.log(elapsedMs / smallestMs) / Math.log(growth)))

/** Creates an empty count. */
export const createLag = (): Lag => {
  const counts = new Uint32Array(buckets)
  let count = 0
  return {
    get count() {
      return count
    },
    add: (elapsedMs) => {
      counts[bucketOf(elapsedMs)]! += 1
      count += 1
    },
    quantileMs: (quantile) => {
      let below = Math.ceil(quantile * count)
      if (below === 0) return 0
      for (let bucket = 0; bucket < buckets; bucket++) {
        below -= counts[bucket]!
        if (below <= 0) return smallestMs * growth ** bucket
      }
      return smallestMs * growth ** buckets
    },
    clear: () => {
      counts.fill(0)
      count = 0
    },
    counts: () => [...counts.entries()].filter(([, inBucket]) => inBucket > 0),
    merge: (others) => {
      for (const [bucket, inBucket] of others) {
        counts[bucket]! += inBucket
        count += inBucket
      }
    },
  }
}
