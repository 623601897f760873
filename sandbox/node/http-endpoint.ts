import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError, messageOf } from '../../core/errors.ts'
import { answerText, refusal } from './json-rpc.ts'

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string | Buffer
}

/**
 * A JSON-RPC endpoint over HTTP on 127.0.0.1. It owns its sockets.
 *
 * 1. A body larger than its cap is refused before it is read to the end; so are requests beyond those in work.
 * 2. What goes wrong while answering is answered as an internal error and told; it ends nothing else.
 * 3. `stop` cuts every connection and resolves once the port is free.
 */
export interface HttpEndpoint {
  readonly server: Server
  readonly port: number
  readonly stop: () => Promise<void>
}

const largestBodyBytes = 5 * 1024 * 1024
const mostInWork = 512

const readBody = (request: IncomingMessage): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > largestBodyBytes) {
        request.pause()
        resolve(undefined)
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
  })

const fault = (status: number, code: number, message: string): HttpAnswer => ({
  status,
  body: answerText(null, refusal(code, message)),
})

const busy = (port: number, error: NodeJS.ErrnoException): Error =>
  error.code === 'EADDRINUSE' || error.code === 'EACCES'
    ? new ConfigError(
        'PORT_BUSY',
        `Give another port, or 0 for any free one: port ${port} of 127.0.0.1 cannot be had (${error.code}).`,
        { port },
        { cause: error },
      )
    : error

/** Starts an endpoint that answers every POST by the given function. */
export const createHttpEndpoint = async ({
  answer,
  log,
  port = 0,
}: {
  readonly answer: (body: Buffer, headers: IncomingHttpHeaders) => Promise<HttpAnswer>
  readonly log: (text: string) => void
  /** Any free one unless given. */
  readonly port?: number | undefined
}): Promise<HttpEndpoint> => {
  let inWork = 0

  const respond = async (request: IncomingMessage): Promise<HttpAnswer> => {
    if (request.method !== 'POST') return fault(405, -32600, 'send a POST request')
    if (inWork >= mostInWork) return fault(429, -32005, 'too many requests in work')
    inWork++
    try {
      const body = await readBody(request)
      if (body === undefined) return fault(413, -32600, 'request body too large')
      return await answer(body, request.headers)
    } catch (thrown) {
      log(`a request failed: ${messageOf(thrown)}`)
      return fault(500, -32603, 'internal error')
    } finally {
      inWork--
    }
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void respond(request).then(({ status, body }) => {
      if (response.destroyed) return
      const headers: Record<string, string | number> = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      if (status === 413) headers.connection = 'close'
      response.writeHead(status, headers).end(body)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(busy(port, error)))
    server.listen(port, '127.0.0.1', resolve)
  })

  return {
    server,
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
