/**
 * Oracle updates on their way: owns the subscription to pending transactions.
 *
 * 1. A transaction is looked at only when it goes to an aggregator or a forwarder that we follow; all else costs one look-up.
 * 2. An update is told only when the aggregator would take it (`acceptUpdate`), each transaction once.
 * 3. The bytes told are the signed transaction itself, rebuilt from its fields or fetched; they hash to its name.
 */

import { BailiffError } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Event } from '../../core/types/event.ts'
import { gas, type Ms } from '../../core/units.ts'
import { acceptUpdate } from '../../oracles/chainlink/accept-update.ts'
import type { Source } from '../source.ts'
import { rawTransactionOf } from './raw-transaction.ts'
import type { Rpc } from './rpc.ts'
import { addressOf, bigintOf, hashOf, hexOf } from './rpc-values.ts'
import { createSubscription } from './subscription.ts'
import { fieldsOf } from './venue-adapter.ts'
import type { WatchedFeeds } from './watched-feeds.ts'
import type { WebsocketLimits } from './websocket.ts'

/** Hashes told are remembered for so many, against a node that tells a transaction twice. */
const REMEMBERED = 1_000

type Fields = Readonly<Record<string, unknown>>

/** Creates the source of pending oracle updates. */
export const createMempoolSource = ({
  wsUrl,
  rpc,
  watched,
  clock,
  limits,
}: {
  readonly wsUrl: string
  readonly rpc: Rpc
  readonly watched: WatchedFeeds
  readonly clock: () => Ms
  readonly limits?: Partial<WebsocketLimits>
}): Source => {
  const told = new Set<Hex>()

  const isFollowed = ({ to }: Fields): boolean => {
    if (typeof to !== 'string') return false
    const key = to.toLowerCase()
    return watched.feeds.has(key) || watched.forwarders.has(key)
  }

  const remember = (hash: Hex): void => {
    told.add(hash)
    if (told.size > REMEMBERED) told.delete(told.values().next().value!)
  }

  const updateOf = async (tx: Fields, seenMs: Ms): Promise<Event | undefined> => {
    const [from, to] = [addressOf('sender', tx.from), addressOf('recipient', tx.to)]
    const accepted = acceptUpdate(
      { from, to, input: hexOf('input', tx.input) },
      watched.feeds,
      watched.forwarders,
    )
    if ('rejection' in accepted) return undefined
    const txHash = hashOf('hash', tx.hash)
    const rawTx =
      rawTransactionOf(tx) ??
      (await rpc.request('eth_getRawTransactionByHash', [txHash], (value) =>
        hexOf('raw transaction', value),
      ))
    const { aggregator, answerRaw, epochAndRound } = accepted.transmit
    const gasLimit = gas(bigintOf('gas', tx.gas))
    return {
      type: 'pending-update',
      update: { aggregator, txHash, rawTx, from, answerRaw, epochAndRound, gasLimit, seenMs },
    }
  }

  const look = async (tx: Fields, emit: (event: Event) => void): Promise<void> => {
    try {
      const hash = hashOf('hash', tx.hash)
      if (told.has(hash)) return
      remember(hash)
      const event = await updateOf(tx, clock())
      if (event) emit(event)
    } catch (thrown) {
      if (!(thrown instanceof BailiffError)) throw thrown
      emit({ type: 'source', source: 'mempool', status: 'up', reason: thrown.message })
    }
  }

  return {
    name: 'mempool',
    start: async (emit, signal) => {
      const status = (up: boolean, reason: string): void =>
        emit({ type: 'source', source: 'mempool', status: up ? 'up' : 'down', reason })
      await createSubscription({
        url: wsUrl,
        params: ['newPendingTransactions', true],
        ...(limits ? { limits } : {}),
        onUp: () => status(true, 'subscribed'),
        onDown: (reason) => status(false, reason),
        onResult: (result) => {
          const tx = fieldsOf(result)
          if (tx && isFollowed(tx)) void look(tx, emit)
        },
      }).run(signal)
    },
  }
}
