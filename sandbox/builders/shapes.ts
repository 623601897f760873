import { keccak256, toHex } from 'viem'
import type { Hex } from '../../core/types/chain.ts'
import type { RpcError } from '../node/json-rpc.ts'
import { hashOfTxs, type RelayBundle } from './relay-bundle.ts'

/** Whose answers a relay imitates. */
export type ShapeName = 'flashbots' | 'buildernet' | 'titan'

/** Where one builder's bundle RPC differs from another's. */
export interface Shape {
  readonly methods: readonly string[]
  /** Without a block number a bundle is for the next block; otherwise that is an error. */
  readonly blockRequired: boolean
  /** What a replacement uuid must look like; absent when any text will do. */
  readonly uuid?: RegExp
  /** A bundle without transactions cancels its uuid. */
  readonly emptyCancels: boolean
  readonly knowsReplacementNonce: boolean
  /** `uuid` is another name of `replacementUuid`. */
  readonly knowsUuidAlias: boolean
  readonly knowsDropping: boolean
  /** Allowed refund percentages; absent where refunds are not understood and ignored. */
  readonly refundPercent?: readonly [number, number]
  readonly bundleHash: (bundle: Omit<RelayBundle, 'hash'>) => Hex
  /** The result of eth_sendBundle; `multiplexed` when the sender named other builders. */
  readonly accepted: (bundle: RelayBundle, multiplexed: boolean) => unknown
  /** The result of a cancellation. */
  readonly cancelled: (hashes: readonly Hex[]) => unknown
  /** The answer to a request whose signature does not fit. */
  readonly unsigned: (fault: string) => { readonly status: number; readonly error: RpcError }
  /** The HTTP status under which an error is answered. */
  readonly statusOf: (code: number) => number
}

const privateMethods = [
  'eth_sendPrivateTransaction',
  'eth_cancelPrivateTransaction',
  'eth_sendPrivateRawTransaction',
]

/** BuilderNet hashes all fields with wyhash (FlowProxy, primitives); this keeps that it covers all fields. */
const hashOfFields = (bundle: Omit<RelayBundle, 'hash'>): Hex =>
  keccak256(
    toHex(
      JSON.stringify([
        bundle.txs.map(({ hash }) => hash),
        bundle.toBlock,
        bundle.minTimestampSec,
        bundle.maxTimestampSec,
        [...bundle.reverting],
        [...bundle.dropping],
        bundle.uuid,
        bundle.signer,
      ]),
    ),
  )

const flowProxyStatus: Readonly<Record<number, number>> = { [-32603]: 500, [-32601]: 404 }

/** The builders that the sandbox imitates. */
export const shapes: Readonly<Record<ShapeName, Shape>> = {
  flashbots: {
    methods: [
      'eth_sendBundle',
      'eth_callBundle',
      'eth_cancelBundle',
      ...privateMethods,
      'flashbots_getUserStatsV2',
      'flashbots_getBundleStatsV2',
    ],
    blockRequired: true,
    uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i,
    emptyCancels: false,
    knowsReplacementNonce: false,
    knowsUuidAlias: false,
    knowsDropping: false,
    bundleHash: ({ txs }) => hashOfTxs(txs),
    accepted: ({ hash }, multiplexed) => ({
      bundleHash: hash,
      ...(multiplexed ? { smart: true } : {}),
    }),
    cancelled: (hashes) => hashes,
    unsigned: (fault) => ({ status: 403, error: { code: -32600, message: fault } }),
    statusOf: () => 200,
  },
  buildernet: {
    methods: ['eth_sendBundle', 'eth_sendRawTransaction'],
    blockRequired: false,
    uuid: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
    emptyCancels: true,
    knowsReplacementNonce: true,
    knowsUuidAlias: true,
    knowsDropping: true,
    refundPercent: [1, 99],
    bundleHash: hashOfFields,
    accepted: ({ hash, receivedMs }) => ({
      bundleHash: hash,
      receivedTimestampMs: Math.floor(receivedMs),
    }),
    cancelled: () => ({ bundleHash: `0x${'0'.repeat(64)}` }),
    unsigned: () => ({ status: 400, error: { code: -32603, message: 'Invalid signature' } }),
    statusOf: (code) => flowProxyStatus[code] ?? 400,
  },
  titan: {
    methods: [
      'eth_sendBundle',
      'eth_cancelBundle',
      'eth_sendPrivateTransaction',
      'eth_sendRawTransaction',
    ],
    blockRequired: false,
    emptyCancels: true,
    knowsReplacementNonce: false,
    knowsUuidAlias: false,
    knowsDropping: true,
    refundPercent: [0, 99],
    bundleHash: ({ txs, toBlock }) => keccak256(toHex(`${hashOfTxs(txs)} ${toBlock}`)),
    accepted: ({ hash }) => ({ bundleHash: hash }),
    cancelled: () => 200,
    unsigned: (fault) => ({ status: 401, error: { code: -32600, message: fault } }),
    statusOf: () => 200,
  },
}
