/**
 * One JSON-RPC endpoint over HTTP: owns what is known of its reliability.
 *
 * 1. A call ends within its deadline, body included; nothing is tried twice here.
 * 2. Nothing is believed before the endpoint has named our chain, at first and after every bench.
 * 3. After three faults in a row it is benched, longer each time; a rate limit benches it for as long as it asks.
 * 4. A refusal (an `error` object) is an answer, not a fault.
 */
import {
  BailiffError,
  ConfigError,
  messageOf,
  ProtocolError,
  TransientError,
} from '../../core/errors.ts'
import { fieldsOf } from './venue-adapter.ts'

export interface RpcEndpoint {
  readonly url: string
  /** Returns `result`, null included; throws TransientError, ProtocolError, or ConfigError on another chain. */
  readonly call: (
    method: string,
    params: readonly unknown[],
    deadlineMs: number,
  ) => Promise<unknown>
  /** Counts a result that the caller could not accept. */
  readonly fault: () => void
  /** Counts a result that the caller accepted: it ends a row of faults. */
  readonly accept: () => void
  /** The time, on the monotonic clock, until which others should be asked first. */
  readonly benchedUntilMs: () => number
  readonly stats: () => RpcEndpointStats
}

/** Counted since creation; `origin` leaves out keys that an address may hold. */
export interface RpcEndpointStats {
  readonly origin: string
  readonly calls: number
  readonly faults: number
  readonly benched: number
}

const FAULTS_TO_BENCH = 3
const FIRST_BENCH_MS = 1_000
const LAST_BENCH_MS = 30_000

const originOf = (url: string): string => new URL(url).origin

const retryAfterMs = (response: Response): number => {
  const seconds = Number(response.headers.get('retry-after') ?? 1)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(1_000 * seconds, 60_000) : 1_000
}

/** Creates an endpoint that nothing is known of; throws ConfigError for what is no HTTP address. */
export const createRpcEndpoint = ({
  url,
  chainId,
  nowMs,
}: {
  readonly url: string
  readonly chainId: number
  readonly nowMs: () => number
}): RpcEndpoint => {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new ConfigError(
      'RPC_URL',
      `Give an address that begins with http:// or https://, not with "${url.slice(0, url.indexOf(':') + 1 || 4)}".`,
    )
  const origin = originOf(url)
  let lastId = 0
  let inARow = 0
  let benches = 0
  let benchedUntilMs = 0
  let verified: Promise<void> | undefined
  const count = { calls: 0, faults: 0, benched: 0 }

  const bench = (forMs: number): void => {
    count.benched += 1
    benchedUntilMs = Math.max(benchedUntilMs, nowMs() + forMs)
    verified = undefined
  }
  const fault = (): void => {
    count.faults += 1
    inARow += 1
    if (inARow < FAULTS_TO_BENCH) return
    inARow = 0
    bench(Math.min(LAST_BENCH_MS, FIRST_BENCH_MS * 2 ** benches))
    benches += 1
  }

  const unreachable = (method: string, why: string, cause?: unknown): TransientError =>
    new TransientError(
      'RPC_UNREACHABLE',
      `Try ${method} again later: ${origin} ${why}.`,
      { origin, method },
      { cause },
    )

  const resultOf = (method: string, id: number, text: string): unknown => {
    let answer: Readonly<Record<string, unknown>> | undefined
    try {
      answer = fieldsOf(JSON.parse(text))
    } catch (cause) {
      throw unreachable(method, 'sent an answer that is cut or no JSON', cause)
    }
    if (answer?.id !== id || !('result' in answer || 'error' in answer))
      throw new ProtocolError(
        'RPC_ANSWER_FOREIGN',
        `Drop what ${origin} sent: it does not answer ${method} with id ${id} but ${text.slice(0, 120)}.`,
        { origin, method, id },
      )
    if (!answer.error) return answer.result
    const error = fieldsOf(answer.error)
    const said = typeof error?.message === 'string' ? error.message : String(answer.error)
    if (error?.code === -32005) bench(1_000)
    throw new TransientError(
      'RPC_REFUSED',
      `Try ${method} again or elsewhere: ${origin} refused with ${error?.code} "${said.slice(0, 200)}".`,
      { origin, method, rpcCode: error?.code },
    )
  }

  const post = async (
    method: string,
    params: readonly unknown[],
    deadlineMs: number,
  ): Promise<unknown> => {
    count.calls += 1
    lastId += 1
    const id = lastId
    const signal = AbortSignal.timeout(deadlineMs)
    let text: string
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        signal,
      })
      if (response.status === 429) bench(retryAfterMs(response))
      text = await response.text()
      // Some nodes send their JSON-RPC errors with a status of their own.
      if (!response.ok && !text.includes('"error"'))
        throw unreachable(method, `answered with status ${response.status}`)
    } catch (cause) {
      if (cause instanceof BailiffError) throw cause
      const why = signal.aborted ? `did not answer within ${deadlineMs} ms` : messageOf(cause)
      throw unreachable(method, why, cause)
    }
    return resultOf(method, id, text)
  }

  const verify = async (deadlineMs: number): Promise<void> => {
    const said = await post('eth_chainId', [], deadlineMs)
    if (Number(said) !== chainId)
      throw new ConfigError(
        'RPC_CHAIN_MISMATCH',
        `Give the endpoint of chain ${chainId}: ${origin} is on chain ${Number(said)}.`,
        { origin, chainId, said },
      )
  }

  return {
    url,
    fault,
    accept: () => {
      inARow = 0
      benches = 0
    },
    benchedUntilMs: () => benchedUntilMs,
    stats: () => ({ origin, ...count }),
    call: async (method, params, deadlineMs) => {
      const untilMs = nowMs() + deadlineMs
      try {
        verified ??= verify(deadlineMs)
        await verified
        return await post(method, params, Math.max(1, Math.ceil(untilMs - nowMs())))
      } catch (thrown) {
        const refused = thrown instanceof TransientError && thrown.code === 'RPC_REFUSED'
        if (!refused) {
          verified = undefined
          fault()
        }
        throw thrown
      }
    },
  }
}
