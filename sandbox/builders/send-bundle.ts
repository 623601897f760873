import type { Address } from '../../core/types/chain.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'
import { type RpcError, type RpcReply, refusal } from '../node/json-rpc.ts'
import { type BundleParams, bundleParams } from './bundle-params.ts'
import type { RelayBundle } from './relay-bundle.ts'
import type { RelayDesk, RelayMethod } from './relay-desk.ts'

/** Nobody bids for a block that is this far off. */
const mostBlocksAhead = 100

/** Takes every transaction of a bundle apart, or says what is wrong with the first that is none. */
export const decodeAll = async (
  raws: readonly unknown[],
  desk: Pick<RelayDesk, 'decode'>,
): Promise<{ readonly txs: readonly DecodedTx[] } | { readonly error: RpcError }> => {
  const txs: DecodedTx[] = []
  for (const [i, raw] of raws.entries()) {
    const decoded = await desk.decode(raw)
    if ('error' in decoded) {
      return { error: { code: -32602, message: `txs[${i}]: ${decoded.error.message}` } }
    }
    txs.push(decoded.tx)
  }
  return { txs }
}

/** Puts a bundle into the builder's pool and answers as the builder does. */
export const acceptBundle = (bundle: RelayBundle, desk: RelayDesk, result: unknown): RpcReply => {
  if (desk.pool.add(bundle) === 'full') return refusal(-32000, 'too many bundles')
  desk.record.received(bundle)
  return { result }
}

const cancelByEmpty = (params: BundleParams, signer: Address, desk: RelayDesk): RpcReply => {
  const number = params.replacementNonce ?? desk.receiveNumber()
  return { result: desk.shape.cancelled(desk.pool.cancel(signer, params.uuid!, number)) }
}

/** Answers `eth_sendBundle`. */
export const sendBundle: RelayMethod = async ([first], signer, desk) => {
  const read = bundleParams(first, desk.shape)
  if ('error' in read) return read
  const { params } = read
  if (params.txs.length === 0) return cancelByEmpty(params, signer, desk)

  // Taken before anything waits, so that requests keep the order in which they came.
  const receiveNumber = desk.receiveNumber()
  const receivedMs = desk.nowMs()
  const decoded = await decodeAll(params.txs, desk)
  if ('error' in decoded) return decoded
  const head = Number(await desk.rpc.call<string>('eth_blockNumber'))
  const block = params.blockNumber ?? head + 1
  if (block <= head) return refusal(-32000, `block ${block} is mined: the head is ${head}`)
  if (block > head + mostBlocksAhead) {
    return refusal(-32602, `blockNumber ${block} is too far ahead of ${head}`)
  }
  const { minTimestampSec, maxTimestampSec, uuid } = params
  const fields: Omit<RelayBundle, 'hash'> = {
    kind: 'bundle',
    signer,
    ...(uuid === undefined ? {} : { uuid }),
    replacementNonce: params.replacementNonce ?? receiveNumber,
    txs: decoded.txs,
    fromBlock: block,
    toBlock: block,
    ...(minTimestampSec === undefined ? {} : { minTimestampSec }),
    ...(maxTimestampSec === undefined ? {} : { maxTimestampSec }),
    reverting: params.reverting,
    dropping: params.dropping,
    receivedMs,
  }
  const bundle = { ...fields, hash: desk.shape.bundleHash(fields) }
  return acceptBundle(bundle, desk, desk.shape.accepted(bundle, params.multiplexed))
}

/** Answers `eth_cancelBundle`. */
export const cancelBundle: RelayMethod = async ([first], signer, desk) => {
  const uuid = (first as { replacementUuid?: unknown } | undefined)?.replacementUuid
  if (typeof uuid !== 'string' || uuid === '') {
    return refusal(-32602, 'replacementUuid is missing')
  }
  const hashes = desk.pool.cancel(signer, uuid, desk.receiveNumber())
  return { result: desk.shape.cancelled(hashes) }
}
