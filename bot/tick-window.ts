import type { Event } from '../core/types/event.ts'
import type { Tick } from '../core/types/price.ts'

/**
 * Owns the ticks that wait to become one event.
 *
 * 1. The first ticks after a quiet window go on at once; those that follow within it are held until it ends, and of each
 *    venue and pair only the latest goes on. So a market of fifty ticks a second is not delayed, and one of five thousand
 *    makes a few hundred events.
 * 2. Any other event is preceded by what is held: order is kept.
 */
export interface TickWindow {
  readonly take: (event: Event, pushedMs: number) => void
  /** Passes on what is held, if the window has ended or `now` says so. */
  readonly release: (now?: 'now') => void
  /** Milliseconds until `release` has something to do; undefined when nothing is held. */
  readonly dueMs: () => number | undefined
}

/** Creates a window of so many milliseconds of wall time; `handle` gets each event with the pushes that it carries. */
export const createTickWindow = (
  windowMs: number,
  nowMs: () => number,
  handle: (event: Event, pushedMs: readonly number[]) => void,
): TickWindow => {
  const held = new Map<string, Tick>()
  let pushes: number[] = []
  let openedMs = Number.NEGATIVE_INFINITY

  const dueMs = (): number | undefined =>
    held.size === 0 ? undefined : Math.max(0, openedMs + windowMs - nowMs())

  const release = (now?: 'now'): void => {
    if (held.size === 0 || (now === undefined && dueMs() !== 0)) return
    const ticks = [...held.values()]
    const carried = pushes
    held.clear()
    pushes = []
    openedMs = nowMs()
    handle({ type: 'ticks', ticks }, carried)
  }

  return {
    dueMs,
    release,
    take: (event, pushedMs) => {
      if (event.type !== 'ticks') {
        release('now')
        handle(event, [pushedMs])
        return
      }
      for (const tick of event.ticks) held.set(`${tick.venue}:${tick.pair}`, tick)
      pushes.push(pushedMs)
      release()
    },
  }
}
