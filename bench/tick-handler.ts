import { createClock } from '../bot/clock.ts'
import { createLoopEngine } from '../bot/create-loop-engine.ts'
import { createIntents } from '../bot/intents.ts'
import { createJournaledLoop } from '../bot/journaled-loop.ts'
import { createLag, type Lag } from '../bot/lag.ts'
import { recover } from '../bot/recover.ts'
import type { Event } from '../core/types/event.ts'
import { loopSettings } from './loop-settings.ts'

/** The loop's handler with its journal, to run in whatever thread: what the comparison of threads has in common. */
export interface TickHandler {
  readonly handle: (event: Event, pushedMs: readonly number[]) => void
  readonly lag: Lag
  readonly close: () => void
}

/** Milliseconds since 1970 with a fraction, the same in every thread. */
export const wallMs = (): number => performance.timeOrigin + performance.now()

const flushMs = 50

/**
 * Creates the handler on a new journal; it keeps a timer for flushing until it is closed. The first `warmUp` events are
 * handled and not counted.
 */
export const createTickHandler = (journalFile: string, warmUp = 0): TickHandler => {
  const { journal, memory } = recover(journalFile, () => {})
  const settings = loopSettings('bench')
  const loop = createJournaledLoop({
    engine: createLoopEngine(settings, createIntents(memory)),
    journal,
    now: createClock(undefined),
    emit: () => {},
    log: () => {},
  })
  const lag = createLag()
  loop.handle({ type: 'start', session: settings.session, settings })
  let handled = 0
  const timer = setInterval(loop.flush, flushMs)
  return {
    lag,
    handle: (event, pushedMs) => {
      loop.handle(event)
      const doneMs = wallMs()
      handled += 1
      if (handled > warmUp) for (const pushed of pushedMs) lag.add(doneMs - pushed)
    },
    close: () => {
      clearInterval(timer)
      journal.close()
    },
  }
}
