/**
 * A supervised websocket: owns one connection at a time and the decision to make the next.
 *
 * 1. It reconnects for ever; only the signal ends it. Delays double from the first to the last and are jittered, and
 *    start over once a connection has been useful for `stableMs`.
 * 2. A line on which nothing came for `silenceMs`, pongs included, is half-open and is cut; at half that time we ping.
 * 3. A line on which nothing useful came for `quietMs` is cut as well: a peer that only answers pings is no source.
 * 4. A frame over `maxFrameBytes` is never buffered whole: the connection is closed and counted.
 * 5. After the abort no handler is called again, and no timer or socket is left.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { ConfigError } from '../../core/errors.ts'

/** When to give up on a connection and how long to wait for the next; all in wall time. */
export interface WebsocketLimits {
  readonly connectMs: number
  readonly silenceMs: number
  readonly quietMs: number
  readonly stableMs: number
  readonly firstDelayMs: number
  readonly lastDelayMs: number
  readonly maxFrameBytes: number
}

/** What the owner of a websocket is told. */
export interface WebsocketHandlers {
  readonly open: (send: (frame: string) => void) => void
  /** Returns whether the frame was useful, which is what keeps the connection. */
  readonly message: (frame: string) => boolean
  /** A connection, or an attempt at one, ended. */
  readonly down: (reason: string) => void
}

/** Counted since creation. */
export interface WebsocketStats {
  readonly attempts: number
  readonly opened: number
  readonly frames: number
  /** Ends of connections by reason. */
  readonly downs: Readonly<Record<string, number>>
}

/** A websocket that is kept alive while `run` runs. */
export interface Websocket {
  readonly stats: () => WebsocketStats
  /** Resolves once the signal has aborted and the socket is gone. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

/** Last delay and silence keep a return within 5 s of the peer's and a half-open line below 20 s. */
const defaultLimits: WebsocketLimits = {
  connectMs: 5_000,
  silenceMs: 10_000,
  quietMs: 15_000,
  stableMs: 10_000,
  firstDelayMs: 250,
  lastDelayMs: 4_000,
  maxFrameBytes: 256 * 1024,
}

/** Returns the wait before the next attempt after so many failures in a row: between half and all of the doubled delay. */
export const reconnectDelayMs = (
  failures: number,
  limits: Pick<WebsocketLimits, 'firstDelayMs' | 'lastDelayMs'>,
  random: number,
): number =>
  Math.min(limits.lastDelayMs, limits.firstDelayMs * 2 ** Math.min(failures, 30)) *
  (0.5 + random / 2)

/** Creates a websocket to one address; `nowMs` must be monotonic. Throws ConfigError for what is no websocket address. */
export const createWebsocket = ({
  url,
  handlers,
  limits: given = {},
  nowMs = () => performance.now(),
  random = Math.random,
}: {
  readonly url: string
  readonly handlers: WebsocketHandlers
  readonly limits?: Partial<WebsocketLimits>
  readonly nowMs?: () => number
  readonly random?: () => number
}): Websocket => {
  if (!URL.canParse(url) || !/^wss?:/.test(url))
    throw new ConfigError(
      'WEBSOCKET_URL',
      `Give an address that begins with ws:// or wss://; "${url}" is none.`,
    )
  const limits = { ...defaultLimits, ...given }
  const count = { attempts: 0, opened: 0, frames: 0 }
  const downs = new Map<string, number>()

  /** Lives through one connection; resolves to why it ended and whether it had been stable. */
  const connection = (
    signal: AbortSignal,
  ): Promise<{ readonly reason: string; readonly stable: boolean }> =>
    new Promise((resolve) => {
      count.attempts += 1
      let heardMs = nowMs()
      let usefulMs = heardMs
      let openedMs: number | undefined
      let useful = false
      let why: string | undefined

      const socket = new WebSocket(url, {
        handshakeTimeout: limits.connectMs,
        maxPayload: limits.maxFrameBytes,
        perMessageDeflate: false,
      })
      const cut = (reason: string): void => {
        why ??= reason
        socket.terminate()
      }
      const watch = setInterval(() => {
        const [silentMs, quietMs] = [nowMs() - heardMs, nowMs() - usefulMs]
        if (openedMs === undefined) return
        if (silentMs >= limits.silenceMs) cut('silent')
        else if (quietMs >= limits.quietMs) cut('quiet')
        else if (silentMs >= limits.silenceMs / 2) socket.ping()
      }, limits.silenceMs / 8)
      const abort = (): void => cut('aborted')
      signal.addEventListener('abort', abort, { once: true })

      const heard = (): void => {
        heardMs = nowMs()
      }
      socket.on('open', () => {
        if (signal.aborted) return
        count.opened += 1
        openedMs = nowMs()
        heardMs = openedMs
        usefulMs = openedMs
        handlers.open((frame) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(frame)
        })
      })
      socket.on('message', (data) => {
        heard()
        if (signal.aborted || why !== undefined) return
        count.frames += 1
        if (!handlers.message(data.toString())) return
        useful = true
        usefulMs = heardMs
      })
      socket.on('ping', heard)
      socket.on('pong', heard)
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const oversized = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
        cut(oversized ? 'oversized' : (error.code ?? error.message))
      })
      socket.on('close', (code) => {
        clearInterval(watch)
        signal.removeEventListener('abort', abort)
        const stable = useful && openedMs !== undefined && nowMs() - openedMs >= limits.stableMs
        resolve({ reason: why ?? `closed ${code}`, stable })
      })
      if (signal.aborted) abort()
    })

  return {
    stats: () => ({ ...count, downs: Object.fromEntries(downs) }),
    run: async (signal) => {
      let failures = 0
      while (!signal.aborted) {
        const { reason, stable } = await connection(signal)
        if (signal.aborted) return
        downs.set(reason, (downs.get(reason) ?? 0) + 1)
        handlers.down(reason)
        failures = stable ? 0 : failures + 1
        const delayMs = reconnectDelayMs(failures, limits, random())
        await sleep(delayMs, undefined, { signal }).catch((error: unknown) => {
          if (!signal.aborted) throw error
        })
      }
    },
  }
}
