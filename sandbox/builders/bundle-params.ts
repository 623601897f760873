import { z } from 'zod'
import type { Hex } from '../../core/types/chain.ts'
import type { RpcError } from '../node/json-rpc.ts'
import type { Shape } from './shapes.ts'

/** The fields of eth_sendBundle that the sandbox's builders act upon. */
export interface BundleParams {
  readonly txs: readonly unknown[]
  /** Absent when the bundle is for the next block. */
  readonly blockNumber?: number
  readonly minTimestampSec?: number
  readonly maxTimestampSec?: number
  readonly reverting: ReadonlySet<Hex>
  readonly dropping: ReadonlySet<Hex>
  readonly uuid?: string
  readonly replacementNonce?: number
  /** The sender named builders to pass it on to. */
  readonly multiplexed: boolean
}

const mostTxs = 100
const mostBytes = 300_000

const hash = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase() as Hex)
const count = z.number().int().min(0)
const hashes = z.array(hash).nullish()

const schema = z.looseObject({
  txs: z.array(z.unknown()).nullish(),
  blockNumber: z
    .string()
    .regex(/^0x[0-9a-fA-F]{0,12}$/)
    .nullish(),
  minTimestamp: count.nullish(),
  maxTimestamp: count.nullish(),
  revertingTxHashes: hashes,
  droppingTxHashes: hashes,
  replacementUuid: z.string().min(1).max(128).nullish(),
  uuid: z.string().min(1).max(128).nullish(),
  replacementNonce: count.nullish(),
  refundPercent: count.nullish(),
  refundTxHashes: z.array(hash).max(1).nullish(),
  builders: z.array(z.string()).nullish(),
})

type Fields = z.infer<typeof schema>

const invalid = (message: string): { error: RpcError } => ({ error: { code: -32602, message } })

/** Returns what a builder of this shape finds wrong. */
const fault = (fields: Fields, uuid: string | undefined, shape: Shape): string | undefined => {
  const txs = fields.txs ?? []
  if (txs.length === 0 && !(shape.emptyCancels && uuid !== undefined)) return 'no txs in the bundle'
  if (txs.length > mostTxs) return `too many txs: ${txs.length} of ${mostTxs}`
  const bytes = txs.reduce<number>((sum, tx) => sum + String(tx).length / 2 - 1, 0)
  if (bytes > mostBytes) return `bundle too large: ${bytes} of ${mostBytes} bytes`
  if (shape.blockRequired && (fields.blockNumber ?? '0x') === '0x') return 'blockNumber is missing'
  if (uuid !== undefined && shape.uuid && !shape.uuid.test(uuid)) {
    return `replacementUuid is no UUID: "${uuid}"`
  }
  const [least, most] = shape.refundPercent ?? [0, Number.POSITIVE_INFINITY]
  const refund = fields.refundPercent ?? least
  if (refund < least || refund > most) return `refundPercent ${refund} is not ${least} to ${most}`
  return undefined
}

/** Reads the first parameter of eth_sendBundle as a builder of this shape does. */
export const bundleParams = (
  value: unknown,
  shape: Shape,
): { readonly params: BundleParams } | { readonly error: RpcError } => {
  const read = schema.safeParse(value)
  if (!read.success) {
    const issue = read.error.issues[0]!
    return invalid(`${issue.path.join('.') || 'params'}: ${issue.message}`)
  }
  const fields = read.data
  const alias = shape.knowsUuidAlias ? fields.uuid : undefined
  const uuid = fields.replacementUuid ?? alias ?? undefined
  const wrong = fault(fields, uuid, shape)
  if (wrong !== undefined) return invalid(wrong)
  const number = fields.blockNumber ?? '0x'
  const { minTimestamp, maxTimestamp, replacementNonce } = fields
  return {
    params: {
      txs: fields.txs ?? [],
      ...(number === '0x' ? {} : { blockNumber: Number(number) }),
      // Zero stands for unset.
      ...(minTimestamp ? { minTimestampSec: minTimestamp } : {}),
      ...(maxTimestamp ? { maxTimestampSec: maxTimestamp } : {}),
      reverting: new Set(fields.revertingTxHashes ?? []),
      dropping: new Set((shape.knowsDropping && fields.droppingTxHashes) || []),
      ...(uuid === undefined ? {} : { uuid }),
      ...(shape.knowsReplacementNonce && typeof replacementNonce === 'number'
        ? { replacementNonce }
        : {}),
      multiplexed: (fields.builders?.length ?? 0) > 0,
    },
  }
}
