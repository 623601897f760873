/**
 * One exchange's websocket server: owns its sockets and their conversations.
 *
 * 1. What is said is the dialect's business; this file opens, times, breaks and closes sockets.
 * 2. Timeouts and pings are wall time, as a network's are; what stands in messages is scenario time.
 * 3. While silenced, nothing leaves and nothing is heard, pongs included, no socket is closed and no new one is let in:
 *    a half-open line.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { ScenarioClock } from '../clock.ts'
import type { Board } from './board.ts'
import type { Conversation, Dialect } from './dialect.ts'
import type { Quote } from './quote.ts'

/** A running exchange and the ways to break it. */
export interface VenueServer {
  readonly url: string
  readonly publish: (quotes: readonly Quote[]) => void
  /** Cuts every socket without a closing handshake. */
  readonly drop: () => void
  /** Half-opens every socket for so long in wall time. */
  readonly silence: (forMs: number) => void
  readonly sendRaw: (frame: string) => void
  readonly stop: () => Promise<void>
}

/** A client that lets this much pile up unread is cut off, as every venue does. */
const maxBufferedBytes = 4 * 1024 * 1024
/** Without a pong for three pings the client is gone. */
const pongsMissed = 3

/** Starts an exchange on a free port of 127.0.0.1. */
export const startVenueServer = async ({
  dialect,
  board,
  clock,
}: {
  readonly dialect: Dialect
  readonly board: Board
  readonly clock: Pick<ScenarioClock, 'now'>
}): Promise<VenueServer> => {
  let silentUntilMs = 0
  const silent = (): boolean => Date.now() < silentUntilMs
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    autoPong: false,
    verifyClient: (_info, admit) => admit(!silent(), 503),
  })
  await once(server, 'listening')
  const sessions = new Map<WebSocket, { readonly talk: Conversation; sent: number }>()

  const send = (socket: WebSocket, frames: readonly string[]): void => {
    if (silent() || socket.readyState !== WebSocket.OPEN) return
    if (socket.bufferedAmount > maxBufferedBytes) {
      socket.terminate()
      return
    }
    const session = sessions.get(socket)
    for (const frame of frames) socket.send(frame)
    if (session) session.sent += frames.length
  }

  server.on('connection', (socket, request) => {
    const talk = dialect.converse({ ...board, now: clock.now }, request.url ?? '/')
    sessions.set(socket, { talk, sent: 0 })
    let heardThisSec = 0
    let pongMs = Date.now()
    let pingMs = Date.now()
    let sentBefore = 0

    const beat = setInterval(() => {
      heardThisSec = 0
      const session = sessions.get(socket)
      if (!session || silent()) return
      send(socket, talk.beat(session.sent === sentBefore))
      sentBefore = session.sent
      if (dialect.pingEveryMs === undefined || Date.now() - pingMs < dialect.pingEveryMs) return
      if (Date.now() - pongMs > pongsMissed * dialect.pingEveryMs) socket.terminate()
      pingMs = Date.now()
      if (socket.readyState === WebSocket.OPEN) socket.ping(String(pingMs))
    }, 1_000)
    const patience =
      dialect.subscribeWithinMs === undefined
        ? undefined
        : setTimeout(() => {
            if (!talk.subscribed()) socket.close(1000, 'no subscribe message')
          }, dialect.subscribeWithinMs)

    const hearOne = (): boolean => {
      heardThisSec += 1
      if (heardThisSec <= (dialect.maxMessagesPerSec ?? Infinity)) return true
      socket.close(1008, 'Too many requests')
      return false
    }
    socket.on('message', (data) => {
      if (!silent() && hearOne()) send(socket, talk.hear(data.toString()))
    })
    socket.on('ping', (payload) => {
      if (!silent() && hearOne()) socket.pong(payload)
    })
    socket.on('pong', () => {
      pongMs = Date.now()
    })
    // A socket that a client broke is closed by the library; there is nobody left to tell.
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearInterval(beat)
      clearTimeout(patience)
      sessions.delete(socket)
    })
    send(socket, talk.opening())
  })

  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}${dialect.path}`,
    publish: (quotes) => {
      for (const [socket, { talk }] of sessions) send(socket, quotes.flatMap(talk.quoted))
    },
    drop: () => {
      for (const socket of sessions.keys()) socket.terminate()
    },
    silence: (forMs) => {
      silentUntilMs = Date.now() + forMs
    },
    sendRaw: (frame) => {
      for (const socket of sessions.keys()) send(socket, [frame])
    },
    stop: async () => {
      for (const socket of sessions.keys()) socket.terminate()
      await new Promise((done) => server.close(done))
    },
  }
}
