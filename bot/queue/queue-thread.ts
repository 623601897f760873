/**
 * The durable queue, on a thread of its own: the store may be in-process and busy, and alerts may be late.
 *
 * 1. One job for each alert, sink and status; the job id is the alert's key, so that adding it twice is adding it once.
 * 2. A sink that fails is tried again with growing pauses; nothing here signs or sends a transaction.
 * 3. Messages in: `{alert}` and `{stop}`. Messages out: `{ready}`, `{delivered}`, `{failed}`, `{stopped}`.
 */
import { parentPort, workerData } from 'node:worker_threads'
import {
  createPostgresBackend,
  type Job,
  Queue,
  type QueueOptions,
  setDefaultBackendFactory,
  Worker,
} from 'bullmq'
import { Redis } from 'ioredis'
import { InvariantError, messageOf } from '../../core/errors.ts'
import type { Alert } from '../../core/types/event.ts'
import { openPglitePool } from './pglite-pool.ts'
import { createLogSink } from './sinks/log.ts'
import type { Sink } from './sinks/sink.ts'
import { createWebhookSink } from './sinks/webhook.ts'

/** What the thread is started with. */
export interface QueueThreadData {
  readonly store:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'socket'; readonly path: string }
    | { readonly kind: 'embedded'; readonly folder: string }
  readonly webhook?: string
}

export type QueueThreadMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly alert: Alert }
  | { readonly type: 'delivered'; readonly key: string; readonly sink: string }
  | { readonly type: 'failed'; readonly key: string; readonly reason: string }
  | { readonly type: 'stopped' }

interface AlertJob {
  readonly sink: string
  readonly key: string
  readonly alert: Alert
}

const port = parentPort
if (!port)
  throw new InvariantError('QUEUE_NOT_A_THREAD', 'Start queue-thread.ts as a worker thread.')
const post = (message: QueueThreadMessage) => port.postMessage(message)
const data = workerData as QueueThreadData

const open = async (): Promise<{
  connection: QueueOptions['connection']
  close: () => Promise<void>
}> => {
  if (data.store.kind === 'embedded') {
    setDefaultBackendFactory(createPostgresBackend)
    const pool = await openPglitePool(data.store.folder)
    return { connection: pool as unknown as QueueOptions['connection'], close: () => pool.end() }
  }
  const options = {
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(times * 200, 5_000),
  }
  const redis =
    data.store.kind === 'url'
      ? new Redis(data.store.url, options)
      : new Redis({ ...options, path: data.store.path })
  redis.on('error', () => undefined)
  return { connection: redis, close: async () => redis.disconnect() }
}

const sinks: readonly Sink[] = [
  createLogSink((alert) => post({ type: 'log', alert })),
  ...(data.webhook ? [createWebhookSink(data.webhook)] : []),
]

const { connection, close } = await open()
const queue = new Queue<AlertJob>('bailiff-alerts', {
  connection,
  defaultJobOptions: {
    attempts: 12,
    backoff: { type: 'exponential', delay: 250 },
    removeOnComplete: { age: 7 * 86_400, count: 20_000 },
    removeOnFail: { age: 30 * 86_400, count: 20_000 },
  },
})
const worker = new Worker<AlertJob>(
  'bailiff-alerts',
  async ({ data: { sink, key, alert } }: Job<AlertJob>) => {
    await sinks.find(({ name }) => name === sink)?.deliver(alert, key)
    post({ type: 'delivered', key, sink })
  },
  { connection, concurrency: 4 },
)
const report = (key: string) => (error: unknown) =>
  post({ type: 'failed', key, reason: messageOf(error) })
queue.on('error', report('queue'))
worker.on('error', report('worker'))
worker.on('failed', (job, error) => report(job?.data.key ?? 'worker')(error))
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
post({ type: 'ready' })

const adding = new Set<Promise<unknown>>()
const add = (alert: Alert): void => {
  const key = `${alert.key}:${alert.status}`
  for (const { name } of sinks) {
    const job = queue
      .add('alert', { sink: name, key, alert }, { jobId: `${key}:${name}`.replaceAll(':', '.') })
      .catch(report(key))
      .finally(() => adding.delete(job))
    adding.add(job)
  }
}

/** Waits until the jobs that are due have been taken, but no longer than two seconds. */
const drain = async (): Promise<void> => {
  await Promise.all(adding)
  for (let round = 0; round < 40; round++) {
    if ((await queue.getJobCountByTypes('waiting', 'active', 'prioritized')) === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

port.on('message', (message: { readonly alert?: Alert; readonly stop?: true }) => {
  if (message.alert) add(message.alert)
  if (message.stop)
    drain()
      .then(() => worker.close())
      .then(() => queue.close())
      .then(close)
      .catch(report('stop'))
      .finally(() => {
        post({ type: 'stopped' })
        port.close()
      })
})
