import type { RpcRequest } from '../chain/rpc.ts'

/** An error as it stands on the wire (JSON-RPC 2.0, section 5.1). */
export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** What a request is answered with, before it is given the request's id. */
export type RpcReply = { readonly result: unknown } | { readonly error: RpcError }

/** A request as a client sent it. */
export interface IncomingRequest extends RpcRequest {
  readonly id: string | number | null
}

/** Returns a refusal with the given code. */
export const refusal = (code: number, message: string, data?: unknown): { error: RpcError } => ({
  error: data === undefined ? { code, message } : { code, message, data },
})

/** The message of go-ethereum for a method that a server does not have. */
export const unknownMethod = (method: string): { error: RpcError } =>
  refusal(-32601, `the method ${method} does not exist/is not available`)

/** Returns the text of an answer under the id of its request. */
export const answerText = (id: IncomingRequest['id'], reply: RpcReply): string =>
  JSON.stringify({ jsonrpc: '2.0', id, ...reply })

/** Returns the object that a JSON text stands for, and undefined for what is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Returns a request when the value is one; parameters are an empty list when absent. */
export const requestOf = (value: unknown): IncomingRequest | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, method, params } = value as Record<string, unknown>
  const named = typeof id === 'string' || typeof id === 'number' || id === null
  if (!named || typeof method !== 'string') return undefined
  if (params !== undefined && !Array.isArray(params)) return undefined
  return { id, method, params: params ?? [] }
}
