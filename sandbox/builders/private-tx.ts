import type { Address, Hex } from '../../core/types/chain.ts'
import { type RpcReply, refusal } from '../node/json-rpc.ts'
import type { RelayDesk, RelayMethod } from './relay-desk.ts'
import { acceptBundle } from './send-bundle.ts'

/** For how many blocks a private transaction is tried (docs.flashbots.net, eth_sendPrivateTransaction). */
const blocksTried = 25

const accept = async (
  raw: unknown,
  maxBlock: number | undefined,
  signer: Address,
  desk: RelayDesk,
): Promise<RpcReply> => {
  const replacementNonce = desk.receiveNumber()
  const receivedMs = desk.nowMs()
  const decoded = await desk.decode(raw)
  if ('error' in decoded) return decoded
  const { tx } = decoded
  const head = Number(await desk.rpc.call<string>('eth_blockNumber'))
  const toBlock = Math.min(maxBlock ?? Number.POSITIVE_INFINITY, head + blocksTried)
  if (toBlock <= head) return refusal(-32602, `maxBlockNumber ${toBlock} is mined: head ${head}`)
  const bundle = {
    kind: 'private',
    hash: tx.hash,
    signer,
    uuid: `private ${tx.hash}`,
    replacementNonce,
    txs: [tx],
    fromBlock: head + 1,
    toBlock,
    reverting: new Set<Hex>(),
    dropping: new Set<Hex>(),
    receivedMs,
  } as const
  return acceptBundle(bundle, desk, tx.hash)
}

/** Reads a block number as the documentation wants it, hex, or as the Flashbots client sends it, a number. */
const blockOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** Answers `eth_sendPrivateTransaction`. */
export const sendPrivateTransaction: RelayMethod = async ([first], signer, desk) => {
  const { tx, maxBlockNumber } = (first ?? {}) as Record<string, unknown>
  const maxBlock = blockOf(maxBlockNumber)
  if (maxBlockNumber !== undefined && maxBlockNumber !== null && maxBlock === undefined) {
    return refusal(-32602, 'maxBlockNumber is no block number')
  }
  return accept(tx, maxBlock, signer, desk)
}

/** Answers `eth_sendPrivateRawTransaction`, and `eth_sendRawTransaction` of a builder. */
export const sendPrivateRawTransaction: RelayMethod = ([raw], signer, desk) =>
  accept(raw, undefined, signer, desk)

/** Answers `eth_cancelPrivateTransaction`. */
export const cancelPrivateTransaction: RelayMethod = async ([first], signer, desk) => {
  const hash = (first as { txHash?: unknown } | undefined)?.txHash
  if (typeof hash !== 'string') return refusal(-32602, 'txHash is missing')
  return desk.pool.cancelTx(signer, hash.toLowerCase() as Hex)
    ? { result: true }
    : refusal(-32000, 'transaction not found')
}
