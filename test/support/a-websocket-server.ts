import { fail } from 'node:assert'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** A real websocket server on 127.0.0.1 that a test drives by hand. */
export interface TestServer {
  readonly url: string
  readonly port: number
  readonly sockets: readonly WebSocket[]
  /** Text frames received, in order. */
  readonly heard: readonly string[]
  readonly send: (frame: string) => void
  readonly drop: () => void
  readonly stop: () => Promise<void>
}

/** Starts a server; `mute` answers no ping, as the far end of a half-open line does. */
export const aWebsocketServer = async ({
  port = 0,
  mute = false,
  greet = [],
}: {
  readonly port?: number
  readonly mute?: boolean
  readonly greet?: readonly string[]
} = {}): Promise<TestServer> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port, autoPong: !mute })
  await once(server, 'listening')
  const sockets: WebSocket[] = []
  const heard: string[] = []
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('error', () => socket.terminate())
    socket.on('message', (data) => heard.push(data.toString()))
    for (const frame of greet) socket.send(frame)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${bound}`,
    port: bound,
    sockets,
    heard,
    send: (frame) => {
      for (const socket of sockets) socket.send(frame)
    },
    drop: () => {
      for (const socket of sockets.splice(0)) socket.terminate()
    },
    stop: async () => {
      for (const socket of sockets) socket.terminate()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Resolves once the condition holds; the test fails by its own timeout or after `withinMs`. */
export const eventually = async (
  condition: () => boolean,
  what: string,
  withinMs = 5_000,
): Promise<void> => {
  const endMs = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > endMs) fail(`waited ${withinMs} ms in vain for ${what}`)
    await new Promise((wake) => setTimeout(wake, 5))
  }
}
