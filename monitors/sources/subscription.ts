/**
 * One JSON-RPC subscription that is kept alive: owns the websocket under it and the id that the node gave.
 *
 * 1. It subscribes anew on every connection; what happened between two connections is the owner's to fetch.
 * 2. A node that refuses the subscription is treated as one that hung up.
 */
import type { Hex } from '../../core/types/chain.ts'
import { fieldsOf } from './venue-adapter.ts'
import { createWebsocket, type Websocket, type WebsocketLimits } from './websocket.ts'

const SUBSCRIBE_ID = 1

/** Creates a subscription; `onResult` is given what each notification holds, `onUp` every time the node confirms it. */
export const createSubscription = ({
  url,
  params,
  onResult,
  onUp,
  onDown,
  limits,
}: {
  readonly url: string
  readonly params: readonly unknown[]
  readonly onResult: (result: unknown) => void
  readonly onUp: () => void
  readonly onDown: (reason: string) => void
  readonly limits?: Partial<WebsocketLimits>
}): Websocket => {
  let subscription: Hex | undefined

  const read = (frame: string): Readonly<Record<string, unknown>> | undefined => {
    try {
      return fieldsOf(JSON.parse(frame))
    } catch (error) {
      if (error instanceof SyntaxError) return undefined
      throw error
    }
  }

  return createWebsocket({
    url,
    ...(limits ? { limits } : {}),
    handlers: {
      open: (send) => {
        subscription = undefined
        send(JSON.stringify({ jsonrpc: '2.0', id: SUBSCRIBE_ID, method: 'eth_subscribe', params }))
      },
      message: (frame) => {
        const message = read(frame)
        if (message?.id === SUBSCRIBE_ID && typeof message.result === 'string') {
          subscription = message.result as Hex
          onUp()
          return true
        }
        const told = fieldsOf(message?.params)
        if (told === undefined || subscription === undefined || told.subscription !== subscription)
          return false
        onResult(told.result)
        return true
      },
      down: onDown,
    },
  })
}
