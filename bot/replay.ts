import { messageOf } from '../core/errors.ts'
import type { Entry, Fact } from '../core/types/event.ts'
import type { Plan } from '../core/types/plan.ts'
import { createAlertLedger } from './alert-ledger.ts'
import { encodeEntry } from './codec.ts'
import { createLoopEngine } from './create-loop-engine.ts'
import type { Engine } from './engine.ts'
import { createIntents } from './intents.ts'
import { createIntentsMemory } from './intents-memory.ts'
import type { LoopEngineModule } from './loop-thread.ts'
import { readJournal } from './read-journal.ts'
import type { LoopSettings } from './settings.ts'

/** What came of playing a journal's events through the same loop again. */
export interface Replay {
  readonly entries: number
  readonly events: number
  readonly facts: number
  readonly sessions: number
  /** Plans that the replay made, in order. */
  readonly plans: readonly Plan[]
  /** Facts that the replay lacks, has besides, or has with other bytes. */
  readonly mismatches: number
  readonly firstDifference: Difference | undefined
  /** Facts behind the last event of a session that was killed before it wrote them: nothing was done on their strength. */
  readonly unwritten: number
  /** Errors that ended a session, and ended it again. */
  readonly deaths: readonly string[]
}

export interface Difference {
  readonly seq: number
  /** Lines of the journal's format; undefined where one side has no fact. */
  readonly journalled: string | undefined
  readonly replayed: string | undefined
}

/**
 * Plays a journal through a fresh loop: the events go in, the facts that come out are compared with the journalled ones,
 * byte for byte and in order. Each `start` begins a session with its own settings and with what earlier ones left in flight.
 * Throws ConfigError when the journal is damaged.
 */
export const replayJournal = (
  file: string,
  rooms: LoopEngineModule = { createLoopEngine },
): Replay => {
  const memory = createIntentsMemory()
  const alerts = createAlertLedger()
  const plans: Plan[] = []
  const deaths: string[] = []
  let engine: Engine | undefined
  let expected: Fact[] = []
  let firstDifference: Difference | undefined
  let [entries, events, facts, sessions, mismatches, unwritten] = [0, 0, 0, 0, 0, 0]

  const compare = (seq: number, journalled: string | undefined, replayed: string | undefined) => {
    if (journalled === replayed) return
    mismatches += 1
    firstDifference ??= { seq, journalled, replayed }
  }

  const begin = (settings: LoopSettings): void => {
    unwritten += expected.length
    expected = []
    sessions += 1
    const intents = createIntents(createIntentsMemory(structuredClone(memory.state)))
    engine = rooms.createLoopEngine(
      settings,
      intents,
      createAlertLedger(structuredClone(alerts.state)),
    )
  }

  const play = (entry: Entry): void => {
    const { seq, atMs, event } = entry
    if (event === undefined) return
    events += 1
    if (event.type === 'start') begin(event.settings as LoopSettings)
    for (const fact of expected) compare(seq, undefined, encodeEntry({ seq, atMs, fact }))
    try {
      if (engine === undefined) compare(seq, encodeEntry(entry), undefined)
      expected = [...(engine?.step(entry).facts ?? [])]
    } catch (thrown) {
      engine = undefined
      expected = []
      deaths.push(`${seq}: ${messageOf(thrown)}`)
    }
  }

  const check = ({ seq, atMs, fact }: Entry): void => {
    if (fact === undefined) return
    facts += 1
    const replayed = expected.shift()
    if (replayed?.type === 'bundle') {
      plans.push(...replayed.bundle.intents.map((intent) => intent.plan))
    }
    compare(
      seq,
      encodeEntry({ seq, atMs, fact }),
      replayed === undefined ? undefined : encodeEntry({ seq, atMs, fact: replayed }),
    )
  }

  for (const entry of readJournal(file)) {
    entries += 1
    play(entry)
    check(entry)
    memory.recall(entry)
    alerts.recall(entry)
  }
  unwritten += expected.length
  return {
    entries,
    events,
    facts,
    sessions,
    plans,
    mismatches,
    firstDifference,
    unwritten,
    deaths,
  }
}
