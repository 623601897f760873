/**
 * Alerts between the loop and the queue: owns those that came before the queue was there.
 *
 * 1. The loop never waits for the queue: an alert is taken at once, delivered when the store is ready.
 * 2. Without a store alerts go to the log alone, and the log says why.
 */
import { messageOf } from '../core/errors.ts'
import type { Alert } from '../core/types/event.ts'
import { type AlertQueue, type QueueOptions, startQueue } from './queue/start-queue.ts'

export interface AlertDesk {
  readonly raise: (alert: Alert) => void
  /** Resolves when what is due was delivered, or after a few seconds. */
  readonly stop: () => Promise<void>
}

interface DeskLog {
  readonly info: (text: string) => void
  readonly warn: (text: string) => void
  readonly error: (text: string) => void
}

/** Starts the queue and takes alerts from now on. */
export const createAlertDesk = (
  options: Omit<QueueOptions, 'onLog' | 'onFailed'>,
  log: DeskLog,
): AlertDesk => {
  const write = ({ status, severity, kind, text }: Alert): void =>
    log.warn(`${status} ${severity} ${kind}: ${text}`)
  let early: Alert[] = []
  let take = (alert: Alert): void => {
    early.push(alert)
  }
  const release = (next: (alert: Alert) => void): void => {
    take = next
    for (const alert of early) next(alert)
    early = []
  }
  const starting: Promise<AlertQueue | undefined> = startQueue({
    ...options,
    onLog: write,
    onFailed: (key, reason) => log.warn(`alert ${key} was not delivered yet: ${reason}`),
  }).then(
    (queue) => {
      log.info(queue.notice)
      release(queue.alert)
      return queue
    },
    (error: unknown) => {
      log.error(`alerts go to the log only: ${messageOf(error)}`)
      release(write)
      return undefined
    },
  )
  return {
    raise: (alert) => take(alert),
    stop: async () => {
      const queue = await starting
      await queue?.stop()
    },
  }
}
