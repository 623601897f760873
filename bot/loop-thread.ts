import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'
import type { Event } from '../core/types/event.ts'
import type { AlertLedger } from './alert-ledger.ts'
import { createClock } from './clock.ts'
import type { Engine } from './engine.ts'
import { createIntents, type Intents } from './intents.ts'
import { createJournaledLoop } from './journaled-loop.ts'
import { createLag } from './lag.ts'
import { type FromLoop, plainErrorOf, type ToLoop } from './loop-message.ts'
import { recover } from './recover.ts'
import type { LoopSettings } from './settings.ts'
import { createTickWindow } from './tick-window.ts'

/**
 * Entry of the loop's own thread. Owns the journal, the engine and the thread's timers.
 *
 * 1. Nothing here awaits once it is ready: a message is handled to its end before the next.
 * 2. What throws ends the thread after it was told to the main one.
 */
export interface LoopThreadData {
  readonly settings: LoopSettings
  readonly journalFile: string
  /** Module that exports `createLoopEngine`. */
  readonly engineFile: string
  readonly tickWindowMs: number
  readonly withFacts: boolean
  readonly acceptsNonces: boolean
}

export interface LoopEngineModule {
  readonly createLoopEngine: (
    settings: LoopSettings,
    intents: Intents,
    alerts: AlertLedger,
  ) => Engine
}

const flushMs = 50
const reportMs = 1_000

const port = parentPort!
const say = (message: FromLoop): void => port.postMessage(message)
const wallMs = (): number => performance.timeOrigin + performance.now()

let closeJournal: () => void = () => {}

/** Unlocks the journal as well, for the next one in this process. */
const sayFatal = (thrown: unknown): void => {
  try {
    closeJournal()
  } catch (second) {
    const text = `The journal could not be closed: ${messageOf(second)}`
    say({ type: 'log', level: 'error', text })
  }
  say({ type: 'fatal', error: plainErrorOf(thrown) })
}

const run = async (data: LoopThreadData): Promise<void> => {
  const { settings, journalFile, engineFile, tickWindowMs, withFacts, acceptsNonces } = data
  const { createLoopEngine } = (await import(engineFile)) as LoopEngineModule
  const log = (level: 'warn' | 'error', text: string): void => say({ type: 'log', level, text })
  const { journal, memory, alerts, explainedNonces, unsettled, undelivered } = recover(
    journalFile,
    (text) => log('warn', text),
  )
  closeJournal = journal.close
  const loop = createJournaledLoop({
    engine: createLoopEngine(settings, createIntents(memory), alerts),
    journal,
    now: createClock(settings.clock),
    emit: (command) => say({ type: 'command', command }),
    ...(withFacts ? { onFact: (fact, atMs) => say({ type: 'fact', fact, atMs }) } : {}),
    log,
  })

  const lag = createLag()
  let handled = 0
  let ticks = 0
  const handle = (event: Event, pushedMs: readonly number[]): void => {
    loop.handle(event)
    const doneMs = wallMs()
    for (const pushed of pushedMs) lag.add(doneMs - pushed)
    handled += pushedMs.length
    if (event.type === 'ticks') ticks += event.ticks.length
  }
  const window = createTickWindow(tickWindowMs, wallMs, handle)

  let windowTimer: NodeJS.Timeout | undefined
  const armWindow = (): void => {
    const dueMs = window.dueMs()
    if (dueMs === undefined || windowTimer !== undefined) return
    windowTimer = setTimeout(
      guarded(() => {
        windowTimer = undefined
        window.release()
        armWindow()
      }),
      Math.ceil(dueMs),
    )
  }

  const report = (): void => {
    say({
      type: 'report',
      report: {
        handled,
        ticks,
        entries: journal.lastSeq,
        journalBytes: journal.bytes,
        isHalted: loop.isHalted(),
        lagCounts: lag.counts(),
      },
    })
    lag.clear()
  }

  const doors: MessagePort[] = []
  const end = (): void => {
    for (const door of doors) door.close()
    clearInterval(flushTimer)
    clearInterval(reportTimer)
    clearTimeout(windowTimer)
    port.close()
  }

  const fail = (thrown: unknown): void => {
    sayFatal(thrown)
    end()
  }

  const guarded =
    (work: () => void): (() => void) =>
    () => {
      try {
        work()
      } catch (thrown) {
        fail(thrown)
      }
    }

  const stop = (): void => {
    window.release('now')
    report()
    journal.close()
    say({ type: 'stopped' })
    end()
  }

  const take = (message: ToLoop): void => {
    if (message.type === 'stop') {
      stop()
      return
    }
    if (message.type === 'door') {
      const { port: door } = message
      doors.push(door)
      door.on('message', (said: ToLoop) => guarded(() => take(said))())
      return
    }
    for (const [i, event] of message.events.entries()) window.take(event, message.pushedMs[i]!)
    armWindow()
  }

  const flushTimer = setInterval(guarded(loop.flush), flushMs)
  const reportTimer = setInterval(guarded(report), reportMs)
  loop.handle({
    type: 'start',
    session: settings.session,
    ...(acceptsNonces ? { acceptsNonces } : {}),
    settings,
  })
  journal.sync()
  port.on('message', (message: ToLoop) => guarded(() => take(message))())
  say({ type: 'ready', explainedNonces, unsettled, undelivered })
}

run(workerData as LoopThreadData).catch((thrown: unknown) => {
  sayFatal(thrown)
  port.close()
})
