import { setTimeout as sleep } from 'node:timers/promises'
import { keccak256, toHex } from 'viem'
import { messageOf, ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { createRpc } from '../chain/rpc.ts'
import { createTxDecoder, type DecodeTx } from '../node/decode-tx.ts'
import { createHttpEndpoint, type HttpAnswer } from '../node/http-endpoint.ts'
import {
  answerText,
  parseJson,
  type RpcReply,
  refusal,
  requestOf,
  unknownMethod,
} from '../node/json-rpc.ts'
import { type BundlePool, createBundlePool } from './bundle-pool.ts'
import { bundleStats, callBundle, userStats } from './call-bundle.ts'
import {
  cancelPrivateTransaction,
  sendPrivateRawTransaction,
  sendPrivateTransaction,
} from './private-tx.ts'
import type { RelayDesk, RelayMethod } from './relay-desk.ts'
import { cancelBundle, sendBundle } from './send-bundle.ts'
import { type ShapeName, shapes } from './shapes.ts'
import { signerOf } from './signature.ts'
import { createSimulation, refusalOf } from './simulate.ts'
import { createTrackRecord, type TrackRecord } from './track-record.ts'

/** How a relay treats its senders; all of it may change while it runs. */
export interface RelayBehaviour {
  /** Wall time that passes before a request is looked at. */
  readonly latencyMs: number
  /** Answers everything with this HTTP status and takes nothing. */
  readonly failStatus: number | undefined
  /** Takes bundles and never includes them. */
  readonly ignore: boolean
}

/**
 * A builder as its senders see it: owns its endpoint, its bundles and its memory of senders.
 *
 * 1. Nothing is taken whose X-Flashbots-Signature does not fit the body byte for byte.
 * 2. What it was sent is seen by nobody but the block producer, and only when this builder builds.
 * 3. A request counts as received when its latency has passed; replacements follow that order.
 */
export interface Relay {
  readonly name: string
  readonly url: string
  readonly coinbase: Address
  /** The share of blocks that it wins, against the weights of the others. */
  readonly weight: number
  readonly bundles: BundlePool
  readonly record: TrackRecord
  readonly stats: Readonly<RelayStats>
  readonly behaviour: () => RelayBehaviour
  readonly behave: (change: Partial<RelayBehaviour>) => void
  readonly stop: () => Promise<void>
}

/** Counts since the start, by what became of a request. */
export interface RelayStats {
  requests: number
  accepted: number
  refused: number
  unsigned: number
}

const methods: Readonly<Record<string, RelayMethod>> = {
  eth_sendBundle: sendBundle,
  eth_cancelBundle: cancelBundle,
  eth_callBundle: callBundle,
  eth_sendPrivateTransaction: sendPrivateTransaction,
  eth_sendPrivateRawTransaction: sendPrivateRawTransaction,
  eth_sendRawTransaction: sendPrivateRawTransaction,
  eth_cancelPrivateTransaction: cancelPrivateTransaction,
  flashbots_getUserStatsV2: userStats,
  flashbots_getBundleStatsV2: bundleStats,
}

/** The fee recipient of a builder that is given none: an address that nobody has the key of. */
const coinbaseOf = (name: string): Address =>
  `0x${keccak256(toHex(`fee recipient of ${name}`)).slice(26)}`

/** Starts a relay on a free port of 127.0.0.1, in front of a builder on the chain that the address leads to. */
export const createRelay = async (options: {
  readonly name: string
  readonly shape: ShapeName
  readonly anvilHttpUrl: string
  /** Scenario time in milliseconds. */
  readonly nowMs: () => number
  readonly log: (text: string) => void
  readonly coinbase?: Address
  readonly weight?: number
  readonly latencyMs?: number
  readonly failStatus?: number | undefined
  readonly ignore?: boolean
  /** Until the next block, where a simulation is not told its time. */
  readonly blockTimeSec?: number
  /** Given by the node, so that the same bytes are taken apart once for all builders. */
  readonly decode?: DecodeTx
}): Promise<Relay> => {
  const { name, nowMs, log } = options
  const shape = shapes[options.shape]
  const rpc = createRpc(options.anvilHttpUrl)
  const stats: RelayStats = { requests: 0, accepted: 0, refused: 0, unsigned: 0 }
  let behaviour: RelayBehaviour = {
    latencyMs: options.latencyMs ?? 0,
    failStatus: options.failStatus,
    ignore: options.ignore ?? false,
  }
  let lastReceived = 0
  const desk: RelayDesk = {
    shape,
    rpc,
    pool: createBundlePool(),
    record: createTrackRecord(name, nowMs),
    decode: options.decode ?? createTxDecoder(Number(await rpc.call<Hex>('eth_chainId'))),
    simulate: createSimulation(rpc),
    coinbase: options.coinbase ?? coinbaseOf(name),
    blockTimeSec: options.blockTimeSec ?? 12,
    nowMs,
    receiveNumber: () => {
      lastReceived = Math.max(lastReceived + 1, Math.round(nowMs() * 1000))
      return lastReceived
    },
  }

  const reply = async (body: unknown, signer: Address): Promise<RpcReply> => {
    const request = requestOf(body)
    if (request === undefined) return refusal(-32600, 'invalid request')
    const method = shape.methods.includes(request.method) ? methods[request.method] : undefined
    if (!method) return unknownMethod(request.method)
    try {
      return await method(request.params, signer, desk)
    } catch (thrown) {
      if (thrown instanceof ProtocolError) return refusal(-32000, `err: ${refusalOf(thrown)}`)
      log(`${name} failed at ${request.method}: ${messageOf(thrown)}`)
      return refusal(-32603, 'internal error')
    }
  }

  const answer = async (body: Buffer, header: unknown): Promise<HttpAnswer> => {
    const { latencyMs, failStatus } = behaviour
    if (latencyMs > 0) await sleep(latencyMs)
    stats.requests++
    const parsed = parseJson(body.toString())
    const id = requestOf(parsed)?.id ?? null
    if (failStatus !== undefined) {
      return { status: failStatus, body: answerText(id, refusal(-32603, `status ${failStatus}`)) }
    }
    const signed = await signerOf(header, body)
    if ('fault' in signed) {
      stats.unsigned++
      const { status, error } = shape.unsigned(signed.fault)
      return { status, body: answerText(id, { error }) }
    }
    const replied =
      parsed === undefined ? refusal(-32700, 'parse error') : await reply(parsed, signed.signer)
    if (!('error' in replied)) {
      stats.accepted++
      return { status: 200, body: answerText(id, replied) }
    }
    stats.refused++
    return { status: shape.statusOf(replied.error.code), body: answerText(id, replied) }
  }

  const http = await createHttpEndpoint({
    answer: (body, headers) => answer(body, headers['x-flashbots-signature']),
    log,
  })
  return {
    name,
    url: `http://127.0.0.1:${http.port}`,
    coinbase: desk.coinbase,
    weight: options.weight ?? 1,
    bundles: desk.pool,
    record: desk.record,
    stats,
    behaviour: () => behaviour,
    behave: (change) => {
      behaviour = { ...behaviour, ...change }
    },
    stop: http.stop,
  }
}
