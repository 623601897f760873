import { setInterval } from 'node:timers/promises'
import type { Source } from '../source.ts'

/** Creates the source that says that time has passed, so that staleness is noticed when nothing else happens. */
export const createTimerSource = (everyMs = 1_000): Source => ({
  name: 'timer',
  start: async (emit, signal) => {
    try {
      for await (const _ of setInterval(everyMs, undefined, { signal })) emit({ type: 'timer' })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
})
