/**
 * The heads that the node tells of: owns the subscription to `newHeads`, a poll behind it and what is not yet taken.
 *
 * 1. Heads come in the order in which they were heard, whatever their numbers: whoever follows puts them in their place,
 *    so that a gap, a duplicate, an order that is off or a head that does not exist costs a question at most.
 * 2. After every connection, and whenever the subscription is silent for `pollMs`, the node is asked for its latest.
 * 3. While the subscription is silent and the node does not answer either, the chain is out of reach.
 * 4. Only the last few heads wait; what is dropped is found again as a gap.
 */
import { BailiffError } from '../../core/errors.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Ms } from '../../core/units.ts'
import { pause } from './insist.ts'
import type { Rpc } from './rpc.ts'
import { headOf } from './rpc-values.ts'
import type { SourceStatus } from './source-status.ts'
import { createSubscription } from './subscription.ts'
import type { WebsocketLimits } from './websocket.ts'

export interface Heads {
  /** Resolves with the next head heard of, with undefined once the signal has aborted. */
  readonly next: () => Promise<Head | undefined>
  /** Resolves when the signal has aborted and the socket is gone. */
  readonly done: Promise<void>
}

const WAITING = 64

/** Starts to listen. */
export const listenForHeads = ({
  wsUrl,
  rpc,
  pollMs,
  clock,
  status,
  reach,
  signal,
  limits,
}: {
  readonly wsUrl: string
  readonly rpc: Rpc
  readonly pollMs: number
  readonly clock: () => Ms
  /** Of the subscription; while it is down the poll goes on. */
  readonly status: SourceStatus
  /** Of the chain as a whole. */
  readonly reach: SourceStatus
  readonly signal: AbortSignal
  readonly limits?: Partial<WebsocketLimits> | undefined
}): Heads => {
  const waiting: Head[] = []
  let heardMs = performance.now()
  let isLost = false
  let wake: () => void = () => undefined

  const hear = (head: Head): void => {
    heardMs = performance.now()
    if (waiting.at(-1)?.hash === head.hash) return
    waiting.push(head)
    if (waiting.length > WAITING) waiting.shift()
    wake()
  }
  /** Hears what the subscription tells; what is no head is dropped, and the poll will tell. */
  const take = (result: unknown): void => {
    try {
      hear(headOf(result, clock()))
    } catch (thrown) {
      if (!(thrown instanceof BailiffError)) throw thrown
    }
  }
  const ask = async (): Promise<void> => {
    try {
      hear(
        await rpc.request('eth_getBlockByNumber', ['latest', false], (value) =>
          headOf(value, clock()),
        ),
      )
      if (isLost) reach.up('answers again')
      isLost = false
    } catch (thrown) {
      if (!(thrown instanceof BailiffError)) throw thrown
      isLost = true
      reach.down(thrown.message)
    }
  }

  const poll = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(pollMs / 2, signal)
      if (!signal.aborted && performance.now() - heardMs >= pollMs) await ask()
    }
  }
  signal.addEventListener('abort', () => wake(), { once: true })

  const socket = createSubscription({
    url: wsUrl,
    chainId: rpc.chainId,
    params: ['newHeads'],
    onResult: take,
    onUp: () => {
      status.up('subscribed')
      void ask()
    },
    onDown: (reason) => {
      status.down(reason)
      void ask()
    },
    ...(limits ? { limits } : {}),
  })

  return {
    done: Promise.all([socket.run(signal), poll()]).then(() => undefined),
    next: async () => {
      while (waiting.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      return signal.aborted ? undefined : waiting.shift()
    },
  }
}
