import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Event } from '../core/types/event.ts'
import { ms } from '../core/units.ts'
import { createTickHandler, type TickHandler, wallMs } from './tick-handler.ts'

/** A thread of the comparison: one that sends a thousand ticks a second, or one that handles them. */
export type ThreadRole =
  | { readonly role: 'feeder'; readonly port: MessagePort; readonly stop: SharedArrayBuffer }
  | {
      readonly role: 'handler'
      readonly port: MessagePort
      readonly journalFile: string
      readonly warmUp: number
    }

export interface SentEvent {
  readonly event: Event
  readonly sentMs: number
}

const feed = (port: MessagePort, stop: SharedArrayBuffer): void => {
  const flag = new Int32Array(stop)
  let n = 0
  for (let dueMs = wallMs() + 1; Atomics.load(flag, 0) === 0; dueMs += 1) {
    const waitMs = dueMs - wallMs()
    if (waitMs > 0) Atomics.wait(flag, 0, 0, waitMs)
    n += 1
    const usd = 1_850 + Math.sin(n / 500)
    const tick = { venue: 'binance', pair: 'ETH/USD', bid: usd, ask: usd + 0.1 }
    const sentMs = wallMs()
    const seenMs = ms(Math.floor(sentMs))
    port.postMessage({
      event: { type: 'ticks', ticks: [{ ...tick, seenMs }] },
      sentMs,
    } satisfies SentEvent)
  }
  port.close()
}

const handle = (port: MessagePort, handler: TickHandler): void => {
  port.on('message', ({ event, sentMs }: SentEvent) => handler.handle(event, [sentMs]))
  parentPort!.on('message', (message: SentEvent | 'end') => {
    if (message !== 'end') {
      handler.handle(message.event, [message.sentMs])
      return
    }
    handler.close()
    parentPort!.postMessage(handler.lag.counts())
    parentPort!.close()
    port.close()
  })
  parentPort!.postMessage('ready')
}

const data = workerData as ThreadRole
if (data.role === 'feeder') feed(data.port, data.stop)
else handle(data.port, createTickHandler(data.journalFile, data.warmUp))
