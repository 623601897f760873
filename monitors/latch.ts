/**
 * A switch that neither noise opens nor a moment's calm closes.
 *
 * 1. It opens at the second bad reading or a later one, once all readings for `openAfterMs` have been bad.
 * 2. It closes once all readings for `closeAfterMs` have been good.
 * 3. A reading between good and bad starts both times over and changes nothing.
 * 4. It does not open again within `rearmMs` of having closed.
 */
export type Reading = 'good' | 'between' | 'bad'

export interface LatchLimits {
  readonly openAfterMs: number
  readonly closeAfterMs: number
  readonly rearmMs: number
}

export interface Latch {
  readonly isOpen: () => boolean
  /** Takes a reading; returns what it did to the switch. */
  readonly read: (reading: Reading, nowMs: number) => 'opened' | 'closed' | undefined
}

/** Creates a closed latch; times are the book's. */
export const createLatch = ({ openAfterMs, closeAfterMs, rearmMs }: LatchLimits): Latch => {
  let open = false
  /** Since when all readings have been what would turn the switch. */
  let sinceMs: number | undefined
  let closedMs = Number.NEGATIVE_INFINITY

  return {
    isOpen: () => open,
    read: (reading, nowMs) => {
      if (reading !== (open ? 'good' : 'bad')) {
        sinceMs = undefined
        return undefined
      }
      const first = sinceMs === undefined
      sinceMs ??= nowMs
      if (open) {
        if (nowMs - sinceMs < closeAfterMs) return undefined
        open = false
        closedMs = nowMs
      } else {
        if (first || nowMs - sinceMs < openAfterMs || nowMs - closedMs < rearmMs) return undefined
        open = true
      }
      sinceMs = undefined
      return open ? 'opened' : 'closed'
    },
  }
}
