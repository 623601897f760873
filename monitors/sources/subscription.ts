/**
 * One JSON-RPC subscription that is kept alive: owns the websocket under it and the id that the node gave.
 *
 * 1. It subscribes anew on every connection; what happened between two connections is the owner's to fetch.
 * 2. Nothing is believed before the node has named our chain and confirmed the subscription.
 * 3. A node that refuses or is of another chain is told as down; its line is left to go quiet and is then tried again.
 */
import { fieldsOf, jsonIn } from './venue-adapter.ts'
import { createWebsocket, type Websocket, type WebsocketLimits } from './websocket.ts'

const CHAIN_ID = 1
const SUBSCRIBE_ID = 2

/**
 * Creates a subscription; `onResult` is given what each notification holds, `onUp` every time the node confirms it.
 * Notifications of which `wants` says no by their text are not even parsed.
 */
export const createSubscription = ({
  url,
  chainId,
  params,
  wants = () => true,
  onResult,
  onUp,
  onDown,
  limits,
}: {
  readonly url: string
  readonly chainId: number
  readonly params: readonly unknown[]
  readonly wants?: (frame: string) => boolean
  readonly onResult: (result: unknown) => void
  readonly onUp: () => void
  readonly onDown: (reason: string) => void
  readonly limits?: Partial<WebsocketLimits>
}): Websocket => {
  let isOurs = false
  let subscription: string | undefined

  /** Takes the answer to one of our two requests; returns whether it is what we need. */
  const takeAnswer = ({ id, result, error }: Readonly<Record<string, unknown>>): boolean => {
    if (id === CHAIN_ID) {
      isOurs = Number(result) === chainId
      if (!isOurs) onDown(`is on chain ${String(result)}, not ${chainId}`)
    } else if (typeof result === 'string') subscription = result
    else onDown(`refused ${params.join(' ')}: ${String(fieldsOf(error)?.message)}`)
    if (!isOurs || subscription === undefined) return false
    onUp()
    return true
  }

  return createWebsocket({
    url,
    ...(limits ? { limits } : {}),
    handlers: {
      open: (send) => {
        isOurs = false
        subscription = undefined
        const ask = (id: number, method: string, given: readonly unknown[]): void =>
          send(JSON.stringify({ jsonrpc: '2.0', id, method, params: given }))
        ask(CHAIN_ID, 'eth_chainId', [])
        ask(SUBSCRIBE_ID, 'eth_subscribe', params)
      },
      message: (frame) => {
        const isTold = frame.includes('"eth_subscription"')
        if (isTold && !wants(frame)) return isOurs && subscription !== undefined
        const message = fieldsOf(jsonIn(frame))
        if (!message) return false
        if (message.id === CHAIN_ID || message.id === SUBSCRIBE_ID) return takeAnswer(message)
        const told = fieldsOf(message.params)
        if (!isOurs || subscription === undefined || told?.subscription !== subscription)
          return false
        onResult(told.result)
        return true
      },
      down: onDown,
    },
  })
}
