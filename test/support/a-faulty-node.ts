import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

interface RpcRequestBody {
  readonly id: number
  readonly method: string
  readonly params: readonly unknown[]
}

/** What is wrong with the node at the moment; nothing of it at first. */
interface Faults {
  /** Connections are cut before a byte was read. */
  refuse: boolean
  /** Requests are taken and never answered. */
  hole: boolean
  delayMs: number
  /** Answers with this status and these headers instead. */
  status: { readonly code: number; readonly headers?: Record<string, string> } | undefined
  /** Changes the node's answer, at once or later. */
  edit: (request: RpcRequestBody, answer: Record<string, unknown>) => unknown
  /** Changes the bytes of the answer. */
  text: (text: string, request: RpcRequestBody) => string
  /** The websocket stays open and says nothing, pongs included. */
  mute: boolean
  /** Changes a frame of the node into none, one or several. */
  frames: (frame: string) => readonly string[]
}

export interface FaultyNode {
  readonly httpUrl: string
  readonly wsUrl: string
  readonly faults: Faults
  /** Methods asked for over HTTP, in order. */
  readonly asked: string[]
  /** Websocket connections accepted since the start. */
  readonly connections: () => number
  readonly cut: () => void
  readonly heal: () => void
  readonly stop: () => Promise<void>
}

const sound = (): Faults => ({
  refuse: false,
  hole: false,
  delayMs: 0,
  status: undefined,
  edit: (_, answer) => answer,
  text: (text) => text,
  mute: false,
  frames: (frame) => [frame],
})

/** A real HTTP and websocket server between a client and a genuine node that does to what passes what a test wants. */
export const aFaultyNode = async (upstream: {
  readonly httpUrl: string
  readonly wsUrl: string
}): Promise<FaultyNode> => {
  const faults = sound()
  const asked: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const request = JSON.parse(body) as RpcRequestBody
    asked.push(request.method)
    if (faults.hole) return
    await new Promise((wake) => setTimeout(wake, faults.delayMs))
    if (faults.status) {
      outgoing.writeHead(faults.status.code, faults.status.headers).end('no')
      return
    }
    const genuine = await fetch(upstream.httpUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const edited = await faults.edit(request, (await genuine.json()) as Record<string, unknown>)
    outgoing.writeHead(200, { 'content-type': 'application/json' })
    outgoing.end(faults.text(JSON.stringify(edited), request))
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.on('connection', (socket) => {
    if (faults.refuse) socket.destroy()
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const listener = new WebSocketServer({ server, autoPong: false })
  listener.on('connection', (client) => {
    connections += 1
    const above = new WebSocket(upstream.wsUrl)
    const early: string[] = []
    above.on('open', () => {
      for (const frame of early.splice(0)) above.send(frame)
    })
    above.on('message', (data) => {
      if (!faults.mute) for (const frame of faults.frames(data.toString())) client.send(frame)
    })
    above.on('error', () => client.terminate())
    above.on('close', () => client.terminate())
    client.on('message', (data) => {
      if (faults.mute) return
      if (above.readyState === WebSocket.OPEN) above.send(data.toString())
      else early.push(data.toString())
    })
    client.on('ping', () => {
      if (!faults.mute) client.pong()
    })
    client.on('error', () => above.terminate())
    client.on('close', () => above.terminate())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }

  return {
    httpUrl: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    faults,
    asked,
    connections: () => connections,
    cut,
    heal: () => {
      Object.assign(faults, sound())
    },
    stop: async () => {
      cut()
      listener.close()
      await new Promise((done) => server.close(done))
    },
  }
}
