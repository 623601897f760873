import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TransientError } from '../../core/errors.ts'
import type { Alert } from '../../core/types/event.ts'
import { startThread } from '../thread.ts'
import type { QueuedAlert, QueueThreadData, QueueThreadMessage } from './queue-thread.ts'
import { findRedisServer, startRedisServer } from './redis-server.ts'

export interface AlertQueue {
  /** Which store is in use, as a sentence for the log. */
  readonly notice: string
  readonly kind: 'url' | 'redis-server' | 'embedded'
  readonly alert: (alert: QueuedAlert) => void
  /** Resolves when the thread has ended, by itself or not. */
  readonly ended: Promise<void>
  /** Resolves when what is due was delivered and the thread has ended. */
  readonly stop: () => Promise<void>
}

/** What the queue is started with. */
export interface QueueOptions {
  readonly dataDir: string
  readonly redisUrl?: string | undefined
  readonly webhook?: string | undefined
  /** Where a redis-server or valkey-server is looked for. */
  readonly path: string
  /** Ends the queue at once, ready or not. */
  readonly signal: AbortSignal
  readonly onLog: (alert: Alert) => void
  /** The store has all jobs of an alert. */
  readonly onQueued: (id: string) => void
  readonly onDelivered?: (id: string, sink: string) => void
  readonly onFailed: (id: string, reason: string) => void
  /** A sink refused an alert for three days. */
  readonly onGivenUp: (alert: Alert, reason: string) => void
}

const readyMs = 30_000

const openStore = async ({ dataDir, redisUrl, path }: QueueOptions) => {
  const nothing = async (): Promise<void> => undefined
  if (redisUrl) {
    const { host } = new URL(redisUrl)
    return {
      kind: 'url' as const,
      notice: `Queue on the Redis at ${host}.`,
      store: { kind: 'url' as const, url: redisUrl },
      stop: nothing,
    }
  }
  const binary = findRedisServer(path)
  if (binary) {
    const server = await startRedisServer(binary, dataDir)
    return {
      kind: 'redis-server' as const,
      notice: `Queue on a redis-server of our own (${binary}).`,
      store: { kind: 'socket' as const, path: server.socket },
      stop: server.stop,
    }
  }
  const folder = join(dataDir, 'queue')
  mkdirSync(folder, { recursive: true })
  return {
    kind: 'embedded' as const,
    notice:
      'Queue on the embedded store: good for trying out, not for production; set REDIS_URL there.',
    store: { kind: 'embedded' as const, folder },
    stop: nothing,
  }
}

/**
 * Starts the queue on the first of: the given URL, a server on the path, the embedded store.
 * Throws `TransientError` when the store does not become ready; alerts given before it is ready wait.
 */
export const startQueue = async (options: QueueOptions): Promise<AlertQueue> => {
  const { signal } = options
  const { kind, notice, store, stop: stopStore } = await openStore(options)
  const workerData: QueueThreadData = {
    store,
    ...(options.webhook ? { webhook: options.webhook } : {}),
  }
  const thread = startThread('queue-thread', import.meta.url, { workerData })
  const ended = new Promise<void>((resolve) => {
    thread.once('exit', () => resolve())
  }).then(stopStore)
  const terminate = (): void => void thread.terminate()
  signal.addEventListener('abort', terminate, { once: true })
  if (signal.aborted) terminate()
  thread.on('error', (error) => options.onFailed('queue', messageOf(error)))

  const take = (message: QueueThreadMessage): void => {
    if (message.type === 'log') options.onLog(message.alert)
    if (message.type === 'queued') options.onQueued(message.id)
    if (message.type === 'delivered') options.onDelivered?.(message.id, message.sink)
    if (message.type === 'failed') options.onFailed(message.id, message.reason)
    if (message.type === 'given-up') options.onGivenUp(message.alert, message.reason)
  }
  const notReady = (why: string): TransientError =>
    new TransientError('QUEUE_NOT_READY', `The queue ${why}. ${notice} Check that store.`)

  let late: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(() => reject(notReady(`was not ready after ${readyMs} ms`)), readyMs)
      thread.once('error', reject)
      void ended.then(() => reject(notReady('ended before it was ready')))
      thread.on('message', (message: QueueThreadMessage) => {
        if (message.type === 'ready') resolve()
        else take(message)
      })
    })
  } catch (thrown) {
    terminate()
    await ended
    throw thrown
  } finally {
    clearTimeout(late)
  }

  return {
    kind,
    notice,
    ended,
    alert: (alert) => thread.postMessage({ alert }),
    stop: async () => {
      thread.postMessage({ stop: true })
      await ended
    },
  }
}
