import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { DecodedTx } from './decoded-tx.ts'
import { answerText, type IncomingRequest, refusal } from './json-rpc.ts'
import type { Mempool } from './mempool.ts'
import { pendingTx } from './pending-tx.ts'

/**
 * The subscriptions of one connection.
 *
 * 1. Pending transactions come from the node's own mempool and from nowhere else.
 * 2. Heads and logs are the chain's: one connection of its own carries them, opened with the first of them, and its
 *    messages pass as they are, so that an answer stands before its first notification.
 * 3. When the chain's connection ends, so does the client's: it has to subscribe again and knows it.
 */
export interface Subscriptions {
  /** Takes `eth_subscribe` and `eth_unsubscribe`; false for every other method. */
  readonly take: (request: IncomingRequest) => boolean
  readonly stop: () => void
}

const mostSubscriptions = 100

/** Creates the subscriptions of a connection that is written to by `send` and ended by `close`. */
export const createSubscriptions = ({
  anvilWsUrl,
  mempool,
  chainId,
  send,
  close,
}: {
  readonly anvilWsUrl: string
  readonly mempool: Mempool
  readonly chainId: number
  readonly send: (text: string) => void
  readonly close: () => void
}): Subscriptions => {
  /** Those of pending transactions: whether they want them whole. */
  const own = new Map<string, boolean>()
  let relayed = 0
  let upstream: WebSocket | undefined
  const waiting: string[] = []

  const notify = (subscription: string, result: unknown): void =>
    send(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'eth_subscription',
        params: { subscription, result },
      }),
    )

  const announce = (tx: DecodedTx): void => {
    for (const [id, whole] of own) notify(id, whole ? pendingTx(tx, chainId) : tx.hash)
  }
  const silence = mempool.onPending(announce)

  const connect = (): WebSocket => {
    const socket = new WebSocket(anvilWsUrl, { perMessageDeflate: false })
    socket.on('open', () => {
      for (const text of waiting.splice(0)) socket.send(text)
    })
    socket.on('message', (data) => send(data.toString()))
    socket.on('close', close)
    socket.on('error', close)
    return socket
  }

  const relay = (request: IncomingRequest): void => {
    upstream ??= connect()
    const text = JSON.stringify({ jsonrpc: '2.0', ...request })
    if (upstream.readyState === WebSocket.OPEN) upstream.send(text)
    else waiting.push(text)
  }

  const subscribe = (request: IncomingRequest): void => {
    const [kind, option] = request.params
    if (own.size + relayed >= mostSubscriptions) {
      send(answerText(request.id, refusal(-32005, `at most ${mostSubscriptions} subscriptions`)))
    } else if (kind === 'newPendingTransactions') {
      const id = `0x${randomBytes(16).toString('hex')}`
      send(answerText(request.id, { result: id }))
      own.set(id, option === true)
    } else if (kind === 'newHeads' || kind === 'logs') {
      relayed++
      relay(request)
    } else {
      send(answerText(request.id, refusal(-32602, `no "${String(kind)}" subscription`)))
    }
  }

  const unsubscribe = (request: IncomingRequest): void => {
    if (own.delete(String(request.params[0]))) send(answerText(request.id, { result: true }))
    else if (upstream) {
      relayed = Math.max(0, relayed - 1)
      relay(request)
    } else send(answerText(request.id, { result: false }))
  }

  return {
    take: (request) => {
      if (request.method === 'eth_subscribe') subscribe(request)
      else if (request.method === 'eth_unsubscribe') unsubscribe(request)
      else return false
      return true
    },
    stop: () => {
      silence()
      own.clear()
      upstream?.removeListener('close', close)
      upstream?.terminate()
    },
  }
}
