import { toHex } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import { createAdmission } from './admission.ts'
import type { DecodeTx } from './decode-tx.ts'
import type { DecodedTx } from './decoded-tx.ts'
import type { RpcReply } from './json-rpc.ts'
import type { Mempool } from './mempool.ts'
import { pendingTx } from './pending-tx.ts'

/** Answers a method itself, or undefined to have the chain asked. */
export type OwnMethod = (params: readonly unknown[]) => Promise<RpcReply | undefined>

/** Methods that a node with its own mempool answers itself. */
export const ownMethods = ({
  rpc,
  mempool,
  decode,
  chainId,
}: {
  readonly rpc: Rpc
  readonly mempool: Mempool
  readonly decode: DecodeTx
  readonly chainId: number
}): ReadonlyMap<string, OwnMethod> => {
  const admit = createAdmission({ rpc, mempool, decode })

  const pooled = (hash: unknown): DecodedTx | undefined =>
    typeof hash === 'string' ? mempool.get(hash.toLowerCase() as Hex) : undefined

  const isMined = async (hash: unknown): Promise<boolean> => {
    const tx = await rpc.call<{ blockNumber: Hex | null } | null>('eth_getTransactionByHash', [
      hash,
    ])
    return tx !== null && tx.blockNumber !== null
  }

  const countOf = async (address: Address): Promise<number> =>
    Number(await rpc.call<Hex>('eth_getTransactionCount', [address, 'latest']))

  /** The pool by sender and nonce, split where a nonce is missing. */
  const content = async (): Promise<Record<'pending' | 'queued', DecodedTx[]>> => {
    const txs = mempool.list()
    const senders = [...new Set(txs.map(({ from }) => from))]
    const next = new Map<Address, number>()
    await Promise.all(
      senders.map(async (from) => next.set(from, mempool.nextNonce(from, await countOf(from)))),
    )
    const ready = (tx: DecodedTx): boolean => tx.nonce < next.get(tx.from)!
    return { pending: txs.filter(ready), queued: txs.filter((tx) => !ready(tx)) }
  }

  const bySender = (txs: readonly DecodedTx[]): Record<Address, Record<string, unknown>> => {
    const tree: Record<Address, Record<string, unknown>> = {}
    for (const tx of txs) {
      tree[tx.from] ??= {}
      tree[tx.from]![String(tx.nonce)] = pendingTx(tx, chainId)
    }
    return tree
  }

  return new Map<string, OwnMethod>([
    ['eth_sendRawTransaction', ([raw]) => admit(raw)],
    ['eth_accounts', async () => ({ result: [] })],
    [
      'eth_getTransactionByHash',
      async ([hash]) => {
        const tx = pooled(hash)
        if (tx) return { result: pendingTx(tx, chainId) }
        return (await isMined(hash)) ? undefined : { result: null }
      },
    ],
    [
      'eth_getRawTransactionByHash',
      async ([hash]) => {
        const tx = pooled(hash)
        if (tx) return { result: tx.raw }
        return (await isMined(hash)) ? undefined : { result: null }
      },
    ],
    [
      'eth_getTransactionCount',
      async ([address, tag]) => {
        if (tag !== 'pending' || typeof address !== 'string') return undefined
        const from = address.toLowerCase() as Address
        return { result: toHex(mempool.nextNonce(from, await countOf(from))) }
      },
    ],
    [
      'txpool_status',
      async () => {
        const { pending, queued } = await content()
        return { result: { pending: toHex(pending.length), queued: toHex(queued.length) } }
      },
    ],
    [
      'txpool_content',
      async () => {
        const { pending, queued } = await content()
        return { result: { pending: bySender(pending), queued: bySender(queued) } }
      },
    ],
    [
      'txpool_contentFrom',
      async ([address]) => {
        const from = String(address).toLowerCase() as Address
        const { pending, queued } = await content()
        const ofSender = (txs: readonly DecodedTx[]) => bySender(txs)[from] ?? {}
        return { result: { pending: ofSender(pending), queued: ofSender(queued) } }
      },
    ],
  ])
}
