/**
 * The durable queue, on a thread of its own: the store may be in-process and busy, and alerts may be late.
 *
 * 1. One job for each alert and sink, by the alert's id, so that adding it twice is adding it once.
 * 2. A sink that fails is tried again for three days with pauses of a minute at most, then given up aloud; nothing here
 *    signs or sends a transaction.
 * 3. Messages in: `{alert}` and `{stop}`. Messages out: those of `QueueThreadMessage`.
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

/** An alert on its way to the queue. */
export interface QueuedAlert {
  /** Of this one occasion. */
  readonly id: string
  readonly alert: Alert
  /** The log has it already. */
  readonly isLogged: boolean
}

export type QueueThreadMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly alert: Alert }
  | { readonly type: 'queued'; readonly id: string }
  | { readonly type: 'delivered'; readonly id: string; readonly sink: string }
  | { readonly type: 'failed'; readonly id: string; readonly reason: string }
  | { readonly type: 'given-up'; readonly alert: Alert; readonly reason: string }
  | { readonly type: 'stopped' }

interface AlertJob {
  readonly sink: string
  readonly id: string
  readonly alert: Alert
}

const firstPauseMs = 250
const longestPauseMs = 60_000
const attempts = 3 * 24 * 60
const lockMs = 10_000

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
    attempts,
    backoff: { type: 'custom' },
    removeOnComplete: { age: 7 * 86_400, count: 20_000 },
    removeOnFail: { age: 30 * 86_400, count: 20_000 },
  },
})
const worker = new Worker<AlertJob>(
  'bailiff-alerts',
  async ({ data: { sink, id, alert } }: Job<AlertJob>) => {
    await sinks.find(({ name }) => name === sink)?.deliver(alert, id)
    post({ type: 'delivered', id, sink })
  },
  {
    connection,
    concurrency: 4,
    // What a killed process was delivering is taken up again soon, and however often that happens.
    lockDuration: lockMs,
    stalledInterval: lockMs / 2,
    maxStalledCount: attempts,
    settings: {
      backoffStrategy: (attempt) => Math.min(firstPauseMs * 2 ** attempt, longestPauseMs),
    },
  },
)
const report = (id: string) => (error: unknown) =>
  post({ type: 'failed', id, reason: messageOf(error) })
queue.on('error', report('queue'))
worker.on('error', report('worker'))
worker.on('failed', (job, error) => {
  if (job === undefined) report('worker')(error)
  else if (job.attemptsMade >= attempts)
    post({ type: 'given-up', alert: job.data.alert, reason: messageOf(error) })
  // Once a minute would drown the log: the first, the second, the fourth...
  else if (Number.isInteger(Math.log2(job.attemptsMade))) report(job.data.id)(error)
})
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
post({ type: 'ready' })

const adding = new Set<Promise<unknown>>()
/** What the store does not take is not confirmed: it is given to us again, by the next thread at the latest. */
const add = ({ id, alert, isLogged }: QueuedAlert): void => {
  const wanted = sinks.filter(({ name }) => !(isLogged && name === 'log'))
  const added = Promise.all(
    wanted.map(({ name }) =>
      queue.add(
        'alert',
        { sink: name, id, alert },
        { jobId: `${id}:${name}`.replaceAll(':', '.') },
      ),
    ),
  )
    .then(() => post({ type: 'queued', id }), report(id))
    .finally(() => adding.delete(added))
  adding.add(added)
}

/** Waits until the jobs that are due have been taken, but no longer than two seconds. */
const drain = async (): Promise<void> => {
  await Promise.all(adding)
  for (let round = 0; round < 40; round++) {
    if ((await queue.getJobCountByTypes('waiting', 'active', 'prioritized')) === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

port.on('message', (message: { readonly alert?: QueuedAlert; readonly stop?: true }) => {
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
