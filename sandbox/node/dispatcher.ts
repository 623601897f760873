import { messageOf, ProtocolError } from '../../core/errors.ts'
import {
  answerText,
  type IncomingRequest,
  parseJson,
  type RpcError,
  type RpcReply,
  refusal,
  requestOf,
  unknownMethod,
} from './json-rpc.ts'
import type { OwnMethod } from './own-methods.ts'
import { asksPendingBlock, atHead, isPublic } from './public-methods.ts'
import type { Upstream } from './upstream.ts'

/** Answers a JSON-RPC body, a single request or a batch. */
export type Dispatch = (body: Buffer | string) => Promise<Buffer | string>

const largestBatch = 1_000

const failed = (thrown: unknown): { error: RpcError } => {
  const said = thrown instanceof ProtocolError ? (thrown.data.error as RpcError) : undefined
  return said ? { error: said } : refusal(-32603, `the node failed: ${messageOf(thrown)}`)
}

/** Creates the table of a node: its own methods first, then what the chain may answer, and refusals for the rest. */
export const createDispatcher = ({
  upstream,
  own,
}: {
  readonly upstream: Upstream
  readonly own: ReadonlyMap<string, OwnMethod>
}): Dispatch => {
  /** An answer of our own; undefined where the chain is to be asked. */
  const local = async (request: IncomingRequest): Promise<RpcReply | undefined> => {
    const method = own.get(request.method)
    if (method) return method(request.params)
    if (!isPublic(request.method)) return unknownMethod(request.method)
    return asksPendingBlock(request) ? { result: null } : undefined
  }

  const forward = async (request: IncomingRequest): Promise<Buffer | string> =>
    upstream.post(JSON.stringify({ jsonrpc: '2.0', ...atHead(request) }))

  const one = async (value: unknown): Promise<Buffer | string> => {
    const request = requestOf(value)
    if (request === undefined) return answerText(null, refusal(-32600, 'invalid request'))
    try {
      const reply = await local(request)
      return reply ? answerText(request.id, reply) : await forward(request)
    } catch (thrown) {
      return answerText(request.id, failed(thrown))
    }
  }

  /** What the chain answers goes there in one batch; its answers come back in the order of the questions. */
  const many = async (values: readonly unknown[]): Promise<string> => {
    const requests = values.map(requestOf)
    const replies = await Promise.all(
      requests.map(async (request) =>
        request ? local(request).catch(failed) : refusal(-32600, 'invalid request'),
      ),
    )
    const asked = requests.filter((_, i) => replies[i] === undefined) as IncomingRequest[]
    const answers: string[] = []
    if (asked.length > 0) {
      try {
        const body = asked.map((request) => ({ jsonrpc: '2.0', ...atHead(request) }))
        const text = (await upstream.post(JSON.stringify(body))).toString()
        answers.push(...(JSON.parse(text) as unknown[]).map((answer) => JSON.stringify(answer)))
      } catch (thrown) {
        answers.push(...asked.map(({ id }) => answerText(id, failed(thrown))))
      }
    }
    const texts = replies.map((reply, i) =>
      reply ? answerText(requests[i]?.id ?? null, reply) : answers.shift(),
    )
    return `[${texts.join(',')}]`
  }

  return async (body) => {
    const value = parseJson(body.toString())
    if (value === undefined) return answerText(null, refusal(-32700, 'parse error'))
    if (!Array.isArray(value)) return one(value)
    if (value.length === 0) return answerText(null, refusal(-32600, 'empty batch'))
    if (value.length > largestBatch) {
      return answerText(
        null,
        refusal(-32600, `batch too large: ${value.length} of ${largestBatch}`),
      )
    }
    const requests = value.map(requestOf)
    const plain = requests.every(
      (request) =>
        request !== undefined &&
        !own.has(request.method) &&
        isPublic(request.method) &&
        !asksPendingBlock(request) &&
        atHead(request) === request,
    )
    return plain ? upstream.post(body).catch(() => many(value)) : many(value)
  }
}
