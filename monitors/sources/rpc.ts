/**
 * JSON-RPC calls to a few endpoints in order of preference.
 *
 * 1. A call is tried at two endpoints at most, each within the deadline: a silent node costs no storm of retries.
 * 2. Benched endpoints come last but are never left out: the worst endpoint is better than none.
 * 3. What a result must be is said by the caller's `parse`: TransientError for what is not there yet, ProtocolError
 *    for what cannot be, which counts against the endpoint.
 */
import { BailiffError, ConfigError, ProtocolError } from '../../core/errors.ts'
import { createRpcEndpoint, type RpcEndpoint, type RpcEndpointStats } from './rpc-endpoint.ts'

export interface Rpc {
  readonly chainId: number
  readonly request: <T>(
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    deadlineMs?: number,
  ) => Promise<T>
  readonly stats: () => readonly RpcEndpointStats[]
}

const ATTEMPTS = 2

/** Creates the client; `nowMs` must be monotonic. Throws ConfigError without endpoints. */
export const createRpc = ({
  urls,
  chainId,
  deadlineMs: defaultDeadlineMs = 2_000,
  nowMs = () => performance.now(),
}: {
  readonly urls: readonly string[]
  readonly chainId: number
  readonly deadlineMs?: number
  readonly nowMs?: () => number
}): Rpc => {
  if (urls.length === 0)
    throw new ConfigError('RPC_MISSING', 'Give the address of at least one RPC endpoint.')
  const endpoints = urls.map((url) => createRpcEndpoint({ url, chainId, nowMs }))

  const inOrder = (): readonly RpcEndpoint[] => {
    const now = nowMs()
    const waitOf = (endpoint: RpcEndpoint): number => Math.max(0, endpoint.benchedUntilMs() - now)
    return [...endpoints].sort((a, b) => waitOf(a) - waitOf(b))
  }

  const ask = async <T>(
    endpoint: RpcEndpoint,
    method: string,
    params: readonly unknown[],
    parse: (result: unknown) => T,
    deadlineMs: number,
  ): Promise<T> => {
    const result = await endpoint.call(method, params, deadlineMs)
    try {
      const parsed = parse(result)
      endpoint.accept()
      return parsed
    } catch (thrown) {
      if (thrown instanceof ProtocolError) endpoint.fault()
      throw thrown
    }
  }

  return {
    chainId,
    stats: () => endpoints.map((endpoint) => endpoint.stats()),
    request: async (method, params, parse, deadlineMs = defaultDeadlineMs) => {
      let last: unknown
      for (const endpoint of inOrder().slice(0, ATTEMPTS)) {
        try {
          return await ask(endpoint, method, params, parse, deadlineMs)
        } catch (thrown) {
          if (!(thrown instanceof BailiffError)) throw thrown
          last = thrown
        }
      }
      throw last
    },
  }
}
