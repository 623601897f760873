import { TransientError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { Rpc } from './rpc.ts'
import { fieldsOf } from './venue-adapter.ts'

type Fields = Readonly<Record<string, unknown>>

const METHOD_MISSING = -32601

/**
 * Returns what a node has pending of these senders, as it would have announced it: `txpool_contentFrom` of each, or
 * `txpool_content` where a node only knows that. Throws what the node's refusal throws (geth, JSON-RPC: txpool).
 */
export const pooledTransactions = async (
  rpc: Rpc,
  senders: readonly Address[],
): Promise<readonly Fields[]> => {
  try {
    const pools = await Promise.all(
      senders.map((sender) => rpc.request('txpool_contentFrom', [sender], pendingIn)),
    )
    return pools.flatMap((byNonce) => transactionsIn(byNonce))
  } catch (thrown) {
    if (!(thrown instanceof TransientError) || thrown.data.rpcCode !== METHOD_MISSING) throw thrown
    const pending = await rpc.request('txpool_content', [], pendingIn)
    const wanted = new Set(senders.map((sender) => sender.toLowerCase()))
    return Object.entries(pending)
      .filter(([sender]) => wanted.has(sender.toLowerCase()))
      .flatMap(([, byNonce]) => transactionsIn(byNonce))
  }
}

const pendingIn = (result: unknown): Fields => fieldsOf(fieldsOf(result)?.pending) ?? {}

const transactionsIn = (byNonce: unknown): readonly Fields[] =>
  Object.values(fieldsOf(byNonce) ?? {})
    .map(fieldsOf)
    .filter((tx) => tx !== undefined)
