/**
 * That there is a new head: owns the subscription to `newHeads` and a poll behind it.
 *
 * 1. It says how far the chain has come and nothing else; blocks are fetched by whoever follows, so that a gap, a
 *    duplicate or an order that is off costs nothing.
 * 2. When the subscription is silent for `pollMs`, the node is asked.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { BailiffError } from '../../core/errors.ts'
import type { Rpc } from './rpc.ts'
import { numberOf } from './rpc-values.ts'
import { createSubscription } from './subscription.ts'
import { fieldsOf } from './venue-adapter.ts'
import type { WebsocketLimits } from './websocket.ts'

export interface Heads {
  /** Resolves with the highest block heard of once that is above `block`, or with `block` when the signal aborts. */
  readonly above: (block: number) => Promise<number>
  /** Resolves when the signal has aborted and the socket is gone. */
  readonly done: Promise<void>
}

/** Starts to listen. */
export const listenForHeads = ({
  wsUrl,
  rpc,
  pollMs,
  signal,
  limits,
}: {
  readonly wsUrl: string
  readonly rpc: Rpc
  readonly pollMs: number
  readonly signal: AbortSignal
  readonly limits?: Partial<WebsocketLimits>
}): Heads => {
  let highest = 0
  let heardMs = performance.now()
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const resolve of [...waiting]) resolve()
  }
  const hear = (number: number): void => {
    heardMs = performance.now()
    // A chain that shrinks is heard as well: whoever follows finds out by parent hashes.
    highest = Math.max(highest, number)
    wake()
  }
  const onResult = (result: unknown): void => {
    try {
      hear(numberOf('head number', fieldsOf(result)?.number))
    } catch (thrown) {
      if (!(thrown instanceof BailiffError)) throw thrown
      heardMs = 0
    }
  }
  const poll = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(pollMs / 2, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      if (signal.aborted || performance.now() - heardMs < pollMs) continue
      try {
        hear(await rpc.request('eth_blockNumber', [], (value) => numberOf('block number', value)))
      } catch (thrown) {
        if (!(thrown instanceof BailiffError)) throw thrown
        heardMs = performance.now()
      }
    }
  }
  signal.addEventListener('abort', wake, { once: true })
  const nothing = (): void => undefined
  const socket = createSubscription({
    url: wsUrl,
    params: ['newHeads'],
    onResult,
    onUp: nothing,
    onDown: nothing,
    ...(limits ? { limits } : {}),
  })
  return {
    done: Promise.all([socket.run(signal), poll()]).then(nothing),
    above: (block) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (highest <= block && !signal.aborted) return
          waiting.delete(look)
          resolve(Math.max(highest, block))
        }
        waiting.add(look)
        look()
      }),
  }
}
