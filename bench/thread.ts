import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'
import { createLag, type Lag } from '../bot/lag.ts'
import { startThread } from '../bot/thread.ts'
import { medianQuantileMs } from './median-quantile.ts'
import type { BenchResult } from './result.ts'
import type { SentEvent, ThreadRole } from './thread-worker.ts'
import { createTickHandler } from './tick-handler.ts'
import { createViemLoad } from './viem-load.ts'

/** Where the handler runs, and how its ticks reach it, from a thread that sends a thousand a second. */
export const threadWays = [
  'main, idle',
  'main, loaded',
  'own thread',
  'own thread through main',
] as const
/** Ticks that are not counted while the code gets warm: a second of them. */
const warmUp = 1_000
export type ThreadWay = (typeof threadWays)[number]

const startWorker = (role: ThreadRole): Worker =>
  startThread('thread-worker', import.meta.url, { workerData: role, transferList: [role.port] })

const nextMessage = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })

const fedFor = async (port: MessagePort, forMs: number): Promise<void> => {
  const stop = new SharedArrayBuffer(4)
  const feeder = startWorker({ role: 'feeder', port, stop })
  const gone = new Promise((resolve) => feeder.once('exit', resolve))
  await new Promise((resolve) => feeder.once('online', resolve))
  await sleep(forMs)
  Atomics.store(new Int32Array(stop), 0, 1)
  await gone
}

const onMain = async (file: string, forMs: number, lag: Lag): Promise<void> => {
  const handler = createTickHandler(file, warmUp)
  const { port1, port2 } = new MessageChannel()
  port1.on('message', ({ event, sentMs }: SentEvent) => handler.handle(event, [sentMs]))
  await fedFor(port2, forMs)
  port1.close()
  handler.close()
  lag.merge(handler.lag.counts())
}

const inThread = async (
  file: string,
  forMs: number,
  lag: Lag,
  throughMain: boolean,
): Promise<void> => {
  const direct = new MessageChannel()
  const worker = startWorker({ role: 'handler', port: direct.port2, journalFile: file, warmUp })
  await nextMessage(worker)
  const relay = new MessageChannel()
  relay.port1.on('message', (message: SentEvent) => worker.postMessage(message))
  await fedFor(throughMain ? relay.port2 : direct.port1, forMs)
  relay.port1.close()
  const counts = nextMessage(worker)
  worker.postMessage('end')
  lag.merge((await counts) as Parameters<Lag['merge']>[0])
}

/** Plays every way in turn, so many rounds; returns, by round, how long each tick took from its sending to the step's end. */
export const measureThreads = async (
  rounds: number,
  roundMs: number,
): Promise<Readonly<Record<ThreadWay, readonly Lag[]>>> => {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-bench-'))
  const lags = Object.fromEntries(
    threadWays.map((way) => [way, Array.from({ length: rounds }, createLag)]),
  ) as Record<ThreadWay, Lag[]>
  const load = createViemLoad()
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [n, way] of threadWays.entries()) {
        const file = join(folder, `${round}-${n}.journal`)
        if (way !== 'main, idle') load.start()
        if (way.startsWith('main')) await onMain(file, roundMs, lags[way][round]!)
        else await inThread(file, roundMs, lags[way][round]!, way === 'own thread through main')
        load.stop()
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return lags
}

const wholeRounds = 7
const wholeRoundMs = 3_000

/** Compares a thread of the loop's own with the loaded main thread, at a thousand ticks a second. */
export const benchThread = async (
  rounds = wholeRounds,
  roundMs = wholeRoundMs,
): Promise<readonly BenchResult[]> => {
  const lags = await measureThreads(rounds, roundMs)
  const own = lags['own thread']
  const n = own.reduce((sum, lag) => sum + lag.count, 0)
  return threadWays
    .filter((way) => way !== 'own thread')
    .flatMap((way) =>
      [0.5, 0.99].map((quantile): BenchResult => {
        const [ours, peer] = [own, lags[way]].map((each) => medianQuantileMs(each, quantile))
        return {
          bench: `tick to decision in an own thread, p${quantile * 100}`,
          n,
          rounds,
          ours: ours!,
          peer: peer!,
          peerName: `the same handler: ${way}`,
          unit: 'ms',
          ratio: peer! / ours!,
          correct: [...own, ...lags[way]].every((lag) => lag.count > 0),
        }
      }),
    )
}
