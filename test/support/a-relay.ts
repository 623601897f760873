import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface RelayRequest {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly port: number | undefined
}

/** What the relay answers: a status and a body, or nothing at all for ever. */
export type RelayManner = { readonly status: number; readonly body: string } | 'silent' | 'cut'

/** A local HTTP server that records what it is sent and answers as it is told; closed when the test ends. */
export const aRelay = async (manner: RelayManner) => {
  const requests: RelayRequest[] = []
  let current = manner
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    requests.push({
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      port: request.socket.remotePort,
    })
    if (current === 'silent') return
    if (current === 'cut') return void request.socket.destroy()
    response.writeHead(current.status, { 'content-type': 'application/json' })
    response.end(current.body)
  }
  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/?key=canary`,
    requests,
    behave: (next: RelayManner) => {
      current = next
    },
  }
}

/** A JSON-RPC answer with HTTP status 200. */
export const answering = (fields: object, status = 200): RelayManner => ({
  status,
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...fields }),
})
