import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Dispatch } from './dispatcher.ts'
import { answerText, parseJson, refusal, requestOf } from './json-rpc.ts'
import type { createSubscriptions, Subscriptions } from './subscriptions.ts'

/** The websocket side of a node. */
export interface WsEndpoint {
  /** Cuts every connection. */
  readonly stop: () => void
}

const largestMessageBytes = 5 * 1024 * 1024
const mostInWork = 512
/** A client that leaves more than this unread is cut off, so that it can slow nobody but itself. */
const mostUnreadBytes = 32 * 1024 * 1024

/** Serves JSON-RPC over websocket on an HTTP server. */
export const createWsEndpoint = ({
  server,
  dispatch,
  subscriptions,
  log,
}: {
  readonly server: Server
  readonly dispatch: Dispatch
  readonly subscriptions: (
    connection: Pick<Parameters<typeof createSubscriptions>[0], 'send' | 'close'>,
  ) => Subscriptions
  readonly log: (text: string) => void
}): WsEndpoint => {
  const sockets = new WebSocketServer({
    server,
    maxPayload: largestMessageBytes,
    perMessageDeflate: false,
  })

  const serve = (socket: WebSocket): void => {
    let inWork = 0
    const send = (text: string): void => {
      if (socket.readyState !== socket.OPEN) return
      socket.send(text)
      if (socket.bufferedAmount <= mostUnreadBytes) return
      log(`a client left ${socket.bufferedAmount} bytes unread and is cut off`)
      socket.terminate()
    }
    const own = subscriptions({ send, close: () => socket.close(1011, 'the chain went away') })

    socket.on('message', (data) => {
      const body = data.toString()
      const value = parseJson(body)
      const request = requestOf(value)
      if (request && own.take(request)) return
      if (inWork >= mostInWork) {
        send(answerText(request?.id ?? null, refusal(-32005, 'too many requests in work')))
        return
      }
      inWork++
      void dispatch(body)
        .then((answer) => send(answer.toString()))
        .finally(() => inWork--)
    })
    socket.on('error', (error) => log(`a client's connection failed: ${error.message}`))
    socket.on('close', () => own.stop())
  }
  sockets.on('connection', serve)

  return {
    stop: () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}
