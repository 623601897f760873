import { keccak256, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { parseJson } from '../../sandbox/node/json-rpc.ts'

/** An answer of a JSON-RPC server, with the HTTP status under which it came. */
export interface Told {
  readonly status: number
  readonly id?: unknown
  // biome-ignore lint/suspicious/noExplicitAny: what a server says is for the test to check
  readonly result?: any
  readonly error?: { readonly code: number; readonly message: string }
}

/** Sends one JSON text, or anything else, as the body of a POST. */
export const post = async (
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Told> => {
  const response = await fetch(url, { method: 'POST', headers, body })
  return { status: response.status, ...(parseJson(await response.text()) as object) }
}

/** Calls one method of a node. */
export const ask = (url: string, method: string, params: readonly unknown[] = []): Promise<Told> =>
  post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))

/** Someone with a key of their own who speaks to relays without a client library. */
export const aSearcher = () => {
  const account = privateKeyToAccount(generatePrivateKey())
  const signature = async (body: string): Promise<string> =>
    `${account.address}:${await account.signMessage({ message: keccak256(toHex(body)) })}`

  const sendText = async (url: string, body: string): Promise<Told> =>
    post(url, body, { 'x-flashbots-signature': await signature(body) })

  return {
    address: account.address,
    signature,
    sendText,
    send: (url: string, method: string, ...params: readonly unknown[]): Promise<Told> =>
      sendText(url, JSON.stringify({ jsonrpc: '2.0', id: 'x-7', method, params })),
  }
}
