import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { type BailiffError, InvariantError, messageOf } from '../core/errors.ts'
import type { Command, Event, Fact } from '../core/types/event.ts'
import { createEventPost } from './event-post.ts'
import { createLag, type Lag } from './lag.ts'
import { errorOf, type FromLoop, type LoopReport, type ToLoop } from './loop-message.ts'
import type { LoopThreadData } from './loop-thread.ts'
import type { UndeliveredAlert, UnsettledIntent } from './recover.ts'
import type { LoopSettings } from './settings.ts'
import { startThread } from './thread.ts'

/**
 * Owns the loop's thread, from the main one's side.
 *
 * 1. Events of one thread reach the loop in the order of their pushes; those of two threads in the order of arrival.
 * 2. After `stop` or a fatal error pushes are ignored.
 * 3. `onFatal` is called once, with the error as the loop threw it.
 */
export interface Loop {
  readonly push: (event: Event) => void
  /** Resolves when what was pushed is handled and journalled, and the journal is closed. */
  readonly stop: () => Promise<void>
  readonly stats: () => LoopStats
  /** A port to the loop that may be given to another thread, which pushes through `createEventPost`; close it to end. */
  readonly door: () => MessagePort
  /** The next nonce of each operator that earlier sessions explain, by its address in lower case; none explains 0. */
  readonly explainedNonces: ReadonlyMap<string, number>
  /** Intents of earlier sessions that had not ended: push their receipts before the first `synced`. */
  readonly unsettled: readonly UnsettledIntent[]
  /** Alerts of earlier sessions that the queue did not confirm: raise them again. */
  readonly undelivered: readonly UndeliveredAlert[]
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
  /** Takes the nonces that the chain gives first as they are, although no journal explains them. */
  readonly acceptsNonces?: boolean
  /** Module that exports `createLoopEngine`; the genuine rooms unless given. */
  readonly engineFile?: string
  /** Ticks within so many milliseconds of wall time become one event. */
  readonly tickWindowMs?: number
}

const defaultTickWindowMs = 2

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
    acceptsNonces: options.acceptsNonces ?? false,
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
  let isOver = false
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

  const post = createEventPost(thread)

  return {
    explainedNonces: ready.explainedNonces,
    unsettled: ready.unsettled,
    undelivered: ready.undelivered,
    stats: () => ({ ...report, pushed: post.pushed, lag }),
    door: () => {
      const { port1, port2 } = new MessageChannel()
      thread.postMessage({ type: 'door', port: port1 } satisfies ToLoop, [port1])
      return port2
    },
    push: (event) => {
      if (!isOver) post.push(event)
    },
    stop: async () => {
      if (isOver) return
      post.flush()
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
