import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLoopEngine } from '../bot/create-loop-engine.ts'
import { createIntents } from '../bot/intents.ts'
import { createJournaledLoop } from '../bot/journaled-loop.ts'
import { recover } from '../bot/recover.ts'
import type { Event, Fact } from '../core/types/event.ts'
import { ms } from '../core/units.ts'
import { loopSettings } from './loop-settings.ts'
import { type TapeShape, tape } from './tape.ts'

/** What came of a tape that was played as fast as it goes. */
export interface Play {
  readonly events: number
  readonly ticks: number
  /** Spent in the loop, without the making of the tape. */
  readonly loopMs: number
  /** Written since the book was synced. */
  readonly journalBytes: number
  /** As one JSON object a tick would have taken, newline and all. */
  readonly plainTickBytes: number
  /** Positions that a plan or a refusal named. */
  readonly positions: number
  readonly slowest: ReadonlyMap<Event['type'], number>
}

const flushMs = 50
/** Every so many tick events one is measured as plain JSON. */
const sampleEvery = 100

const positionsOf = (fact: Fact): readonly string[] => {
  if (fact.type === 'refusal') return [fact.position]
  if (fact.type !== 'bundle') return []
  return fact.bundle.intents.flatMap(({ plan }) => plan.items.map(({ position }) => position))
}

/** Plays a tape through the genuine loop and journal in this thread; the journal is deleted in the end. */
export const playTape = (shape: TapeShape): Play => {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-play-'))
  const { journal, memory } = recover(join(folder, 'bot.journal'), () => {})
  const settings = loopSettings('play')
  const positions = new Set<string>()
  const slowest = new Map<Event['type'], number>()
  let nowMs = shape.startMs
  const loop = createJournaledLoop({
    engine: createLoopEngine(settings, createIntents(memory)),
    journal,
    now: () => ms(nowMs),
    emit: () => {},
    onFact: (fact) => {
      for (const position of positionsOf(fact)) positions.add(position)
    },
    log: () => {},
  })
  let [events, ticks, loopMs, flushedMs, plainTickBytes, syncedBytes] = [0, 0, 0, nowMs, 0, 0]

  const handle = (event: Event): void => {
    const began = performance.now()
    loop.handle(event)
    if (nowMs - flushedMs >= flushMs) {
      loop.flush()
      flushedMs = nowMs
    }
    const tookMs = performance.now() - began
    loopMs += tookMs
    slowest.set(event.type, Math.max(slowest.get(event.type) ?? 0, tookMs))
    events += 1
    if (event.type === 'synced') {
      loop.flush()
      syncedBytes = journal.bytes
    }
    if (event.type !== 'ticks') return
    ticks += event.ticks.length
    if (events % sampleEvery !== 0) return
    for (const tick of event.ticks) plainTickBytes += JSON.stringify(tick).length + 1
  }

  try {
    handle({ type: 'start', session: settings.session, settings })
    for (const { atMs, event } of tape(shape)) {
      nowMs = atMs
      handle(event)
    }
    journal.sync()
    return {
      events,
      ticks,
      loopMs,
      journalBytes: journal.bytes - syncedBytes,
      plainTickBytes: plainTickBytes * sampleEvery,
      positions: positions.size,
      slowest,
    }
  } finally {
    journal.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
