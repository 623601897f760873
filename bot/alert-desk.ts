/**
 * Alerts between the loop and the queue: owns those that the queue has not confirmed.
 *
 * 1. The loop never waits for the queue: an alert is taken at once, and held until the queue has it on its disk.
 * 2. Without a queue alerts go to the log at once, and to the other sinks when there is one: the store is tried again for
 *    ever, with growing pauses, and so is a queue whose thread ended.
 * 3. The store is opened once the data folder is ours; until then alerts wait.
 * 4. What is confirmed is told back by the journal's entry; what is not, when we end, is raised again by the next session.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../core/errors.ts'
import type { Alert } from '../core/types/event.ts'
import { type AlertQueue, type QueueOptions, startQueue } from './queue/start-queue.ts'

export interface AlertDesk {
  /** Starts the queue. */
  readonly open: () => void
  /** Takes an alert, and the journal's entry that holds it; undefined when it is about the journal itself. */
  readonly raise: (alert: Alert, entry?: number) => void
  /** Resolves when what is due was delivered, or after three seconds. */
  readonly stop: () => Promise<void>
}

interface DeskLog {
  readonly info: (text: string) => void
  readonly warn: (text: string) => void
  readonly error: (text: string) => void
}

interface HeldAlert {
  readonly alert: Alert
  readonly entry: number | undefined
  isLogged: boolean
}

const mostHeld = 1_000
const firstPauseMs = 1_000
const longestPauseMs = 60_000
const stopMs = 3_000

/** Creates a desk that takes alerts from now on. */
export const createAlertDesk = (
  options: Pick<QueueOptions, 'dataDir' | 'redisUrl' | 'webhook' | 'path'> & {
    readonly onQueued: (entry: number) => void
  },
  log: DeskLog,
): AlertDesk => {
  const held = new Map<string, HeldAlert>()
  const ending = new AbortController()
  let queue: AlertQueue | undefined
  let isStopping = false

  const write = ({ status, severity, kind, text }: Alert): void =>
    log.warn(`${status} ${severity} ${kind}: ${text}`)

  const give = (id: string, { alert, isLogged }: HeldAlert): void =>
    queue?.alert({ id, alert, isLogged })

  const confirm = (id: string): void => {
    const known = held.get(id)
    held.delete(id)
    if (known?.entry !== undefined) options.onQueued(known.entry)
  }

  /** Of too many the oldest of the least severity goes. */
  const bound = (): void => {
    if (held.size <= mostHeld) return
    const all = [...held]
    const [id, { alert }] = all.find(([, one]) => one.alert.severity === 'info') ?? all[0]!
    held.delete(id)
    log.error(`More than ${mostHeld} alerts wait for the queue; given up: ${alert.text}`)
  }

  const run = async (): Promise<void> => {
    for (let pauseMs = firstPauseMs; !ending.signal.aborted; ) {
      try {
        const started = await startQueue({
          ...options,
          signal: ending.signal,
          onLog: write,
          onQueued: confirm,
          onFailed: (key, reason) => log.warn(`alert ${key} was not delivered yet: ${reason}`),
          onGivenUp: (alert, reason) => log.error(`given up: ${alert.text} (${reason})`),
        })
        queue = started
        log.info(started.notice)
        pauseMs = firstPauseMs
        for (const [id, alert] of held) give(id, alert)
        await started.ended
        queue = undefined
        if (isStopping) return
        log.error('The thread of the alert queue ended; it is restarted.')
      } catch (thrown) {
        if (ending.signal.aborted) return
        log.error(`Alerts go to the log only for now: ${messageOf(thrown)}`)
        for (const one of held.values()) {
          if (!one.isLogged) write(one.alert)
          one.isLogged = true
        }
      }
      await sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => undefined)
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    }
  }
  let running = Promise.resolve()

  const drain = async (): Promise<void> => {
    while (queue === undefined && held.size > 0 && !ending.signal.aborted) await sleep(50)
    await queue?.stop()
  }

  return {
    open: () => {
      running = run()
    },
    raise: (alert, entry) => {
      const id = `${alert.key}:${alert.status}:${entry ?? `at-${alert.timestampSec}`}`
      if (held.has(id)) return
      const one = { alert, entry, isLogged: queue === undefined }
      if (one.isLogged) write(alert)
      held.set(id, one)
      bound()
      give(id, one)
    },
    stop: async () => {
      isStopping = true
      await Promise.race([drain(), sleep(stopMs)])
      ending.abort()
      await running
      if (held.size > 0)
        log.warn(`${held.size} alerts did not reach the queue: they are raised at the next start.`)
    },
  }
}
