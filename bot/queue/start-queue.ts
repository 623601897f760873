import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, TransientError } from '../../core/errors.ts'
import type { Alert } from '../../core/types/event.ts'
import { startThread } from '../thread.ts'
import type { QueueThreadData, QueueThreadMessage } from './queue-thread.ts'
import { findRedisServer, startRedisServer } from './redis-server.ts'

export interface AlertQueue {
  /** Which store is in use, as a sentence for the log. */
  readonly notice: string
  readonly kind: 'url' | 'redis-server' | 'embedded'
  readonly alert: (alert: Alert) => void
  readonly stop: () => Promise<void>
}

/** What the queue is started with. */
export interface QueueOptions {
  readonly dataDir: string
  readonly redisUrl?: string | undefined
  readonly webhook?: string | undefined
  /** Where a redis-server or valkey-server is looked for. */
  readonly path: string
  readonly onLog: (alert: Alert) => void
  readonly onDelivered?: (key: string, sink: string) => void
  readonly onFailed: (key: string, reason: string) => void
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
  const { kind, notice, store, stop: stopStore } = await openStore(options)
  const workerData: QueueThreadData = {
    store,
    ...(options.webhook ? { webhook: options.webhook } : {}),
  }
  const thread = startThread('queue-thread', import.meta.url, { workerData })
  const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  thread.on('error', (error) => options.onFailed('queue', messageOf(error)))

  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () =>
          reject(
            new TransientError(
              'QUEUE_NOT_READY',
              `The queue was not ready after ${readyMs} ms. ${notice} Check that store.`,
            ),
          ),
        readyMs,
      )
      thread.once('error', reject)
      thread.on('message', (message: QueueThreadMessage) => {
        if (message.type === 'ready') {
          clearTimeout(late)
          resolve()
        } else if (message.type === 'log') options.onLog(message.alert)
        else if (message.type === 'delivered') options.onDelivered?.(message.key, message.sink)
        else if (message.type === 'failed') options.onFailed(message.key, message.reason)
      })
    })
  } catch (error) {
    await thread.terminate()
    await stopStore()
    throw error
  }

  return {
    kind,
    notice,
    alert: (alert) => thread.postMessage({ alert }),
    stop: async () => {
      thread.postMessage({ stop: true })
      const force = setTimeout(() => void thread.terminate(), 5_000)
      await exited
      clearTimeout(force)
      await stopStore()
    },
  }
}
