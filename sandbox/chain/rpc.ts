import { ProtocolError } from '../../core/errors.ts'

/** One JSON-RPC request: a method and its parameters. */
export interface RpcRequest {
  readonly method: string
  readonly params: readonly unknown[]
}

/** A JSON-RPC client of one node. */
export interface Rpc {
  /** Returns the result of one request; throws a ProtocolError when the node answers an error. */
  readonly call: <Result>(method: string, params?: readonly unknown[]) => Promise<Result>
  /** Returns the results in the order of the requests, which the node may run in any order. */
  readonly batch: <Result>(requests: readonly RpcRequest[]) => Promise<Result[]>
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

const largestBatch = 400

/** Creates a client that sends over HTTP to this address; `headersOf` adds what a body needs, such as a signature. */
export const createRpc = (
  httpUrl: string,
  headersOf?: (body: string) => Promise<Readonly<Record<string, string>>>,
): Rpc => {
  const post = async (request: unknown): Promise<unknown> => {
    const body = JSON.stringify(request)
    const response = await fetch(httpUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await headersOf?.(body)) },
      body,
    })
    return response.json()
  }

  const resultOf = (request: RpcRequest, answer: Answer | undefined): unknown => {
    if (answer === undefined || answer.error !== undefined) {
      const said = answer?.error?.message ?? 'nothing'
      throw new ProtocolError(
        'NODE_REFUSED',
        `Correct the ${request.method} request: the node answered "${said}".`,
        { method: request.method, error: answer?.error },
      )
    }
    return answer.result
  }

  const sendBatch = async (requests: readonly RpcRequest[]): Promise<unknown[]> => {
    const answers = (await post(
      requests.map((request, id) => ({ jsonrpc: '2.0', id, ...request })),
    )) as Answer[]
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    return requests.map((request, id) => resultOf(request, byId.get(id)))
  }

  return {
    call: async <Result>(method: string, params: readonly unknown[] = []) => {
      const answer = (await post({ jsonrpc: '2.0', id: 1, method, params })) as Answer
      return resultOf({ method, params }, answer) as Result
    },
    batch: async <Result>(requests: readonly RpcRequest[]) => {
      const results: unknown[] = []
      for (let from = 0; from < requests.length; from += largestBatch) {
        results.push(...(await sendBatch(requests.slice(from, from + largestBatch))))
      }
      return results as Result[]
    },
  }
}
