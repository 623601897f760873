import { createIntents } from '../../bot/intents.ts'
import { createJournaledLoop, type JournaledLoop } from '../../bot/journaled-loop.ts'
import { recover } from '../../bot/recover.ts'
import type { Command, Event } from '../../core/types/event.ts'
import { ms } from '../../core/units.ts'
import { createLoopEngine, type SmallSettings, smallSettings } from './small-rooms.ts'

export interface Session {
  readonly loop: JournaledLoop
  readonly commands: Command[]
  readonly logs: string[]
  readonly push: (...events: readonly Event[]) => void
  readonly bytes: () => number
  readonly close: () => void
}

/** A session of the loop in this thread, on a journal of its own, with a clock that counts events. */
export const aSession = (file: string, changes: Partial<SmallSettings> = {}): Session => {
  const settings = smallSettings(changes)
  const commands: Command[] = []
  const logs: string[] = []
  const { journal, memory } = recover(file, (text) => logs.push(text))
  let nowMs = Math.max(1_700_000_000_000, journal.lastAtMs)
  const loop = createJournaledLoop({
    engine: createLoopEngine(settings, createIntents(memory)),
    journal,
    now: () => ms(nowMs++),
    emit: (command) => commands.push(command),
    log: (level, text) => logs.push(`${level}: ${text}`),
  })
  loop.handle({ type: 'start', session: settings.session, settings })
  return {
    loop,
    commands,
    logs,
    push: (...events) => {
      for (const event of events) loop.handle(event)
    },
    bytes: () => journal.bytes,
    close: journal.close,
  }
}
