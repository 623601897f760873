import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLag, type Lag } from '../bot/lag.ts'
import { startLoop } from '../bot/loop.ts'
import { replayJournal } from '../bot/replay.ts'
import { createTickWindow } from '../bot/tick-window.ts'
import type { BailiffError } from '../core/errors.ts'
import type { Event } from '../core/types/event.ts'
import { loopSettings } from './loop-settings.ts'
import { fullTape, type TapeEvent, type TapeShape, tape } from './tape.ts'
import { createTickHandler, wallMs } from './tick-handler.ts'
import { createViemLoad } from './viem-load.ts'

/** How long events took from their push to their decision, and what a replay of the journal found different. */
export interface PlayedLag {
  readonly lag: Lag
  readonly events: number
  readonly mismatches: number
  readonly logsDecoded: number
}

/** A minute's tape has one answer in it; the flips keep their share. */
const shapeFrom = (startMs: number): TapeShape => ({
  ...fullTape,
  startMs,
  minutes: 2,
  flips: Math.round((fullTape.flips / fullTape.minutes) * 2),
})
const warmUpMs = 2_000
const tickWindowMs = 2

interface Target {
  readonly push: (event: Event) => void
  readonly lag: Lag
  /** Resolves when all that was pushed is decided. */
  readonly settled: () => Promise<void>
  readonly stop: () => Promise<void>
}

const inThread = async (journalFile: string): Promise<Target> => {
  const failed: BailiffError[] = []
  const loop = await startLoop({
    settings: loopSettings('lag'),
    journalFile,
    onCommand: () => {},
    onFatal: (error) => failed.push(error),
    log: () => {},
    tickWindowMs,
  })
  const { lag } = loop.stats()
  return {
    push: loop.push,
    lag,
    stop: loop.stop,
    settled: async () => {
      for (;;) {
        if (failed[0] !== undefined) throw failed[0]
        const { pushed, handled } = loop.stats()
        if (handled === pushed) return
        await sleep(20)
      }
    },
  }
}

/** The same handler, window and journal on this thread: an event waits for its turn of the event loop. */
const onMain = (journalFile: string): Target => {
  const handler = createTickHandler(journalFile)
  const window = createTickWindow(tickWindowMs, wallMs, handler.handle)
  let queue: { readonly event: Event; readonly pushedMs: number }[] = []
  let timer: NodeJS.Timeout | undefined
  const drain = (): void => {
    const due = queue
    queue = []
    for (const { event, pushedMs } of due) window.take(event, pushedMs)
    arm()
  }
  const arm = (): void => {
    const dueMs = window.dueMs()
    if (dueMs === undefined || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      window.release()
      arm()
    }, Math.ceil(dueMs))
  }
  return {
    lag: handler.lag,
    push: (event) => {
      if (queue.length === 0) setImmediate(drain)
      queue.push({ event, pushedMs: wallMs() })
    },
    settled: async () => {
      while (queue.length > 0 || window.dueMs() !== undefined) await sleep(1)
    },
    stop: async () => {
      clearTimeout(timer)
      handler.close()
    },
  }
}

/** Pushes a tape's events as they fall due, for so long; what comes due while this thread is busy comes together. */
const pushInTime = async (
  events: Iterator<TapeEvent>,
  first: TapeEvent,
  target: Target,
  forMs: number,
): Promise<number> => {
  const offsetMs = wallMs() - first.atMs
  const endMs = wallMs() + forMs
  let next: IteratorResult<TapeEvent> = { done: false, value: first }
  let pushed = 0
  while (!next.done && wallMs() < endMs) {
    while (!next.done && next.value.atMs + offsetMs <= wallMs()) {
      target.push(next.value.event)
      pushed += 1
      next = events.next()
    }
    await sleep(1)
  }
  return pushed
}

const isReading = ({ type }: Event): boolean => type !== 'ticks' && type !== 'block'

/** Plays the tape in real time with this thread busy decoding logs; `where` says on which thread the loop lives. */
export const measureLag = async (where: 'own' | 'main', forMs: number): Promise<PlayedLag> => {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-lag-'))
  const journalFile = join(folder, 'bot.journal')
  const load = createViemLoad()
  const target = where === 'own' ? await inThread(journalFile) : onMain(journalFile)
  const lag = createLag()
  try {
    const startMs = Math.floor(wallMs() / 1000) * 1000
    const events = tape(shapeFrom(startMs))
    let first = events.next()
    for (; !first.done && isReading(first.value.event); first = events.next()) {
      target.push(first.value.event)
    }
    await target.settled()
    if (first.done) return { lag, events: 0, mismatches: 0, logsDecoded: 0 }
    load.start()
    const warmed = await pushInTime(events, first.value, target, warmUpMs)
    await target.settled()
    await sleep(1_100)
    target.lag.clear()
    const resumed = events.next()
    const pushed = resumed.done ? 0 : await pushInTime(events, resumed.value, target, forMs)
    const logsDecoded = load.stop()
    await target.settled()
    await target.stop()
    lag.merge(target.lag.counts())
    const { mismatches, unwritten } = replayJournal(journalFile)
    return { lag, events: warmed + pushed, mismatches: mismatches + unwritten, logsDecoded }
  } finally {
    load.stop()
    await target.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
