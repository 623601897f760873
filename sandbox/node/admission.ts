import type { Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import { nextBaseFeeWei } from './base-fee.ts'
import type { DecodeTx } from './decode-tx.ts'
import { costWei, type DecodedTx } from './decoded-tx.ts'
import { type RpcReply, refusal } from './json-rpc.ts'
import type { Mempool } from './mempool.ts'

interface Header {
  readonly baseFeePerGas: Hex
  readonly gasUsed: Hex
  readonly gasLimit: Hex
}

/** Returns what stands in the way of a transaction at the head, in the words of go-ethereum. */
const obstacle = (
  tx: DecodedTx,
  nonce: number,
  balanceWei: bigint,
  queuedWei: bigint,
  header: Header,
): string | undefined => {
  const gasLimit = BigInt(header.gasLimit)
  const baseFeeWei = nextBaseFeeWei({
    baseFeeWei: BigInt(header.baseFeePerGas),
    gasUsed: BigInt(header.gasUsed),
    gasLimit,
  })
  if (tx.gasLimit > gasLimit) return `exceeds block gas limit: ${tx.gasLimit} of ${gasLimit}`
  if (tx.nonce < nonce) return `nonce too low: next nonce ${nonce}, tx nonce ${tx.nonce}`
  if (tx.maxFeeWei < baseFeeWei) {
    return `max fee per gas less than block base fee: address ${tx.from}, maxFeePerGas: ${tx.maxFeeWei}, baseFee: ${baseFeeWei}`
  }
  const cost = costWei(tx)
  if (balanceWei < cost + queuedWei) {
    return `insufficient funds for gas * price + value: balance ${balanceWei}, queued cost ${queuedWei}, tx cost ${cost}`
  }
  return undefined
}

/** Creates `eth_sendRawTransaction` of a node with its own mempool: it answers the hash, or why the chain would not take it. */
export const createAdmission = ({
  rpc,
  mempool,
  decode,
}: {
  readonly rpc: Rpc
  readonly mempool: Mempool
  readonly decode: DecodeTx
}): ((raw: unknown) => Promise<RpcReply>) => {
  return async (raw) => {
    const decoded = await decode(raw)
    if ('error' in decoded) return decoded
    const { tx } = decoded
    const [nonceHex, balance, header] = (await rpc.batch<unknown>([
      { method: 'eth_getTransactionCount', params: [tx.from, 'latest'] },
      { method: 'eth_getBalance', params: [tx.from, 'latest'] },
      { method: 'eth_getBlockByNumber', params: ['latest', false] },
    ])) as [Hex, Hex, Header]
    const nonce = Number(nonceHex)
    const queuedWei = mempool.spendingWei(tx.from, tx.nonce)
    const why = obstacle(tx, nonce, BigInt(balance), queuedWei, header)
    if (why !== undefined) return refusal(-32003, why)
    const refused = mempool.add(tx, nonce)
    return refused ? { error: refused } : { result: tx.hash }
  }
}
