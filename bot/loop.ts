import { type BailiffError, InvariantError, messageOf } from '../core/errors.ts'
import type { Command, Event, Fact } from '../core/types/event.ts'
import { createLag, type Lag } from './lag.ts'
import { errorOf, type FromLoop, type LoopReport, type ToLoop } from './loop-message.ts'
import type { LoopThreadData } from './loop-thread.ts'
import type { UnsettledIntent } from './recover.ts'
import type { LoopSettings } from './settings.ts'
import { startThread } from './thread.ts'

/**
 * Owns the main thread's end of the loop: what was pushed and is not posted yet, and the thread itself.
 *
 * 1. Events reach the loop in the order of `push`. The first after a quiet millisecond is posted at once, the ones that
 *    follow go together, at the latest when the code that pushes them returns.
 * 2. After `stop` or a fatal error pushes are ignored.
 * 3. `onFatal` is called once, with the error as the loop threw it.
 */
export interface Loop {
  readonly push: (event: Event) => void
  /** Resolves when what was pushed is handled and journalled, and the journal is closed. */
  readonly stop: () => Promise<void>
  readonly stats: () => LoopStats
  /** True when the journal had no entries: with a key that was used before, do not go live on it. */
  readonly isNew: boolean
  /** Intents of earlier sessions that had not ended: push their receipts before the first `synced`. */
  readonly unsettled: readonly UnsettledIntent[]
}

export interface LoopStats extends Omit<LoopReport, 'lagCounts'> {
  readonly pushed: number
  /** From push to the end of the loop's step, in milliseconds, since the start or the last `lag.clear()`. */
  readonly lag: Lag
}

export interface LoopOptions {
  readonly settings: LoopSettings
  readonly journalFile: string
  readonly onCommand: (command: Command) => void
  readonly onFact?: (fact: Fact, atMs: number) => void
  readonly onFatal: (error: BailiffError) => void
  readonly log: (level: 'warn' | 'error', text: string) => void
  /** Module that exports `createLoopEngine`; the genuine rooms unless given. */
  readonly engineFile?: string
  /** Ticks within so many milliseconds of wall time become one event. */
  readonly tickWindowMs?: number
}

const postMs = 1
const defaultTickWindowMs = 4

const engineFileBeside = (caller: string): string =>
  new URL(`./create-loop-engine.${caller.endsWith('.ts') ? 'ts' : 'js'}`, caller).href

/** Starts the loop in its own thread; rejects with ConfigError when its journal cannot be had. */
export const startLoop = async (options: LoopOptions): Promise<Loop> => {
  const { settings, journalFile, onCommand, onFact, onFatal, log } = options
  const workerData: LoopThreadData = {
    settings,
    journalFile,
    engineFile: options.engineFile ?? engineFileBeside(import.meta.url),
    tickWindowMs: options.tickWindowMs ?? defaultTickWindowMs,
    withFacts: onFact !== undefined,
  }
  const thread = startThread('loop-thread', import.meta.url, { workerData })
  const lag = createLag()
  let report: Omit<LoopReport, 'lagCounts'> = {
    handled: 0,
    ticks: 0,
    entries: 0,
    journalBytes: 0,
    isHalted: false,
  }
  let pushed = 0
  let isOver = false
  let events: Event[] = []
  let pushedMs: number[] = []
  let postedMs = 0
  let fail: (error: BailiffError) => void = () => {}
  let stopped: () => void = () => {}

  const end = (error: BailiffError): void => {
    if (isOver) return
    isOver = true
    fail(error)
  }

  const take = (message: FromLoop): void => {
    switch (message.type) {
      case 'command':
        onCommand(message.command)
        break
      case 'fact':
        onFact?.(message.fact, message.atMs)
        break
      case 'log':
        log(message.level, message.text)
        break
      case 'report':
        report = message.report
        lag.merge(message.report.lagCounts)
        break
      case 'fatal':
        end(errorOf(message.error))
        break
      case 'stopped':
        isOver = true
        stopped()
        break
      case 'ready':
        break
    }
  }

  const ready = await new Promise<Extract<FromLoop, { type: 'ready' }>>((resolve, reject) => {
    fail = reject
    thread.on('message', (message: FromLoop) => {
      if (message.type === 'ready') resolve(message)
      else take(message)
    })
    thread.on('error', (thrown) =>
      end(
        new InvariantError(
          'LOOP_THREAD_THREW',
          `Read the stack: ${messageOf(thrown)}`,
          {},
          {
            cause: thrown,
          },
        ),
      ),
    )
    thread.on('exit', (code) =>
      end(
        new InvariantError(
          'LOOP_THREAD_GONE',
          `Start the process again: the loop's thread ended by itself with ${code}.`,
          { code },
        ),
      ),
    )
  })
  fail = onFatal

  const post = (): void => {
    if (events.length === 0 || isOver) return
    thread.postMessage({ type: 'events', events, pushedMs } satisfies ToLoop)
    events = []
    pushedMs = []
    postedMs = performance.now()
  }

  return {
    isNew: ready.isNew,
    unsettled: ready.unsettled,
    stats: () => ({ ...report, pushed, lag }),
    push: (event) => {
      if (isOver) return
      const now = performance.now()
      if (events.length === 0) queueMicrotask(post)
      events.push(event)
      pushedMs.push(performance.timeOrigin + now)
      pushed += 1
      if (now - postedMs >= postMs) post()
    },
    stop: async () => {
      if (isOver) return
      post()
      await new Promise<void>((resolve) => {
        stopped = resolve
        fail = (error) => {
          onFatal(error)
          resolve()
        }
        thread.postMessage({ type: 'stop' } satisfies ToLoop)
      })
      await thread.terminate()
    },
  }
}
