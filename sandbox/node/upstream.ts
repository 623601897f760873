import { Agent, request } from 'node:http'
import { TransientError } from '../../core/errors.ts'

/** The chain behind the node, reached over kept-alive connections; bodies pass byte for byte. */
export interface Upstream {
  /** Returns the body of the answer; throws TransientError when there is none within the deadline. */
  readonly post: (body: string | Buffer) => Promise<Buffer>
  readonly stop: () => void
}

const deadlineMs = 30_000
const mostSockets = 32

/** Creates the connection to a JSON-RPC server. */
export const createUpstream = (httpUrl: string): Upstream => {
  const agent = new Agent({ keepAlive: true, maxSockets: mostSockets, noDelay: true })
  const { hostname, port } = new URL(httpUrl)

  const post = (body: string | Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const give = (cause: unknown): void =>
        reject(
          new TransientError(
            'UPSTREAM_SILENT',
            `Send the request again: ${httpUrl} did not answer.`,
            { httpUrl },
            { cause },
          ),
        )
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      const outgoing = request(
        { agent, hostname, port, method: 'POST', headers, timeout: deadlineMs },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => resolve(Buffer.concat(chunks)))
          response.on('error', give)
        },
      )
      outgoing.on('error', give)
      outgoing.on('timeout', () => outgoing.destroy())
      outgoing.end(body)
    })

  return { post, stop: () => agent.destroy() }
}
