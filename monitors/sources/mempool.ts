/**
 * Oracle updates on their way: owns the subscription to pending transactions.
 *
 * 1. A notification is parsed only when its text holds one of the selectors, and looked at only when it goes to an
 *    aggregator or a forwarder that we follow.
 * 2. An update is told only when the aggregator would take it (`acceptUpdate`), each transaction once for each reading of
 *    the feeds: a reading voids what the book held, and nodes do not announce what is pending twice.
 * 3. What came before the feeds were known, or could not be fetched, waits for the next reading.
 * 4. What was announced while nobody listened is asked for at each subscription and at each reading of the feeds.
 * 5. The bytes told are the signed transaction itself, rebuilt from its fields or fetched; they hash to its name.
 */
import { BailiffError } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Event } from '../../core/types/event.ts'
import { gas, type Ms, wei } from '../../core/units.ts'
import { acceptUpdate } from '../../oracles/chainlink/accept-update.ts'
import { forwardSelector, transmitSelector } from '../../oracles/chainlink/decode-transmit.ts'
import type { Source } from '../source.ts'
import { pooledTransactions } from './pooled-transactions.ts'
import { rawTransactionOf } from './raw-transaction.ts'
import type { Rpc } from './rpc.ts'
import { addressOf, bigintOf, hashOf, hexOf } from './rpc-values.ts'
import { createSourceStatus } from './source-status.ts'
import { createSubscription } from './subscription.ts'
import { fieldsOf } from './venue-adapter.ts'
import type { WatchedFeeds } from './watched-feeds.ts'
import type { WebsocketLimits } from './websocket.ts'

/** So many transactions that may be updates are kept, and for so long: what pends longer is stuck. */
const KEPT = 200
const KEPT_MS = 10 * 60_000

/** A transaction is at most 128 KiB, twice that in hex. Without traffic there is nothing to hear but pongs. */
const defaultLimits = { maxFrameBytes: 1024 * 1024, quietMs: 120_000 }

/** Returns whether the text of a notification may hold an update; hashes alone are let through to be complained of. */
const mayCarryUpdate = (frame: string): boolean =>
  frame.includes(transmitSelector) || frame.includes(forwardSelector) || frame.length < 400

type Fields = Readonly<Record<string, unknown>>

interface Heard {
  readonly tx: Fields
  readonly seenMs: Ms
}

/** Creates the source of pending oracle updates. */
export const createMempoolSource = ({
  wsUrl,
  rpc,
  watched,
  clock,
  log = () => undefined,
  limits,
}: {
  readonly wsUrl: string
  readonly rpc: Rpc
  readonly watched: WatchedFeeds
  readonly clock: () => Ms
  readonly log?: (text: string) => void
  readonly limits?: Partial<WebsocketLimits>
}): Source => {
  const heard = new Map<Hex, Heard>()
  /** Told since the last reading of the feeds, or being looked at. */
  const taken = new Set<Hex>()

  const isFollowed = ({ to }: Fields): boolean => {
    if (typeof to !== 'string') return false
    const key = to.toLowerCase()
    return watched.feeds.has(key) || watched.forwarders.has(key)
  }

  const keep = (hash: Hex, tx: Fields): void => {
    if (!heard.has(hash)) heard.set(hash, { tx, seenMs: clock() })
    for (const [old, { seenMs }] of heard) {
      if (heard.size <= KEPT && clock() - seenMs < KEPT_MS) break
      heard.delete(old)
      taken.delete(old)
    }
  }

  const updateOf = async ({ tx, seenMs }: Heard): Promise<Event | undefined> => {
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
      update: {
        aggregator,
        txHash,
        rawTx,
        from,
        answerRaw,
        epochAndRound,
        gasLimit,
        maxFeePerGasWei: wei(bigintOf('max fee', tx.maxFeePerGas ?? tx.gasPrice)),
        seenMs,
      },
    }
  }

  const look = async (hash: Hex, emit: (event: Event) => void): Promise<void> => {
    const found = heard.get(hash)
    if (found === undefined || taken.has(hash) || !isFollowed(found.tx)) return
    taken.add(hash)
    try {
      const event = await updateOf(found)
      if (event) emit(event)
      else taken.delete(hash)
    } catch (thrown) {
      taken.delete(hash)
      if (!(thrown instanceof BailiffError)) throw thrown
      log(`a pending transaction was passed over for now: ${thrown.message}`)
    }
  }

  const hear = (tx: Fields, emit: (event: Event) => void): void => {
    try {
      const hash = hashOf('hash', tx.hash)
      keep(hash, tx)
      void look(hash, emit)
    } catch (thrown) {
      if (!(thrown instanceof BailiffError)) throw thrown
      log(`a pending transaction was passed over: ${thrown.message}`)
    }
  }

  const catchUp = async (emit: (event: Event) => void): Promise<void> => {
    const transmitters = [...watched.feeds.values()].flatMap((feed) => feed.transmitters)
    const senders = new Set([...transmitters, ...[...watched.forwarders.values()].flat()])
    if (senders.size === 0) return
    try {
      for (const tx of await pooledTransactions(rpc, [...senders])) hear(tx, emit)
    } catch (thrown) {
      if (!(thrown instanceof BailiffError)) throw thrown
      log(`updates announced before this may be unknown: ${thrown.message}`)
    }
  }

  return {
    name: 'mempool',
    start: async (emit, signal) => {
      const status = createSourceStatus('mempool', emit)
      watched.onSet(() => {
        taken.clear()
        for (const hash of heard.keys()) void look(hash, emit)
        void catchUp(emit)
      }, signal)
      await createSubscription({
        url: wsUrl,
        chainId: rpc.chainId,
        params: ['newPendingTransactions', true],
        wants: mayCarryUpdate,
        limits: { ...defaultLimits, ...limits },
        onUp: () => {
          status.up('subscribed')
          void catchUp(emit)
        },
        onDown: status.down,
        onResult: (result) => {
          const tx = fieldsOf(result)
          if (!tx)
            status.down('it sends hashes only; give a node that sends pending transactions whole')
          else hear(tx, emit)
        },
      }).run(signal)
    },
  }
}
