import type { Event } from '../core/types/event.ts'
import type { ToLoop } from './loop-message.ts'

/**
 * Owns the events that were pushed in this thread and are not posted to the loop's yet.
 *
 * 1. They arrive in the order of `push`. The first after a quiet millisecond is posted at once, the ones that follow go
 *    together, at the latest when the code that pushes them returns.
 * 2. Each carries the time of its push, which is where its lag begins.
 */
export interface EventPost {
  readonly push: (event: Event) => void
  readonly flush: () => void
  readonly pushed: number
}

const postMs = 1

/** Creates the sending end of a port, or of a thread, whose other end is the loop. */
export const createEventPost = (port: {
  readonly postMessage: (message: ToLoop) => void
}): EventPost => {
  let events: Event[] = []
  let pushedMs: number[] = []
  let postedMs = 0
  let pushed = 0

  const flush = (): void => {
    if (events.length === 0) return
    const message: ToLoop = { type: 'events', events, pushedMs }
    events = []
    pushedMs = []
    postedMs = performance.now()
    port.postMessage(message)
  }

  return {
    flush,
    get pushed() {
      return pushed
    },
    push: (event) => {
      const now = performance.now()
      if (events.length === 0) queueMicrotask(flush)
      events.push(event)
      pushedMs.push(performance.timeOrigin + now)
      pushed += 1
      if (now - postedMs >= postMs) flush()
    },
  }
}
