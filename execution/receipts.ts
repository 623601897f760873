import { type PublicClient, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem'
import { messageOf } from '../core/errors.ts'
import type { Address, Head, Hex } from '../core/types/chain.ts'
import type { Receipt } from '../core/types/event.ts'
import type { Bundle, SignedTx } from '../core/types/plan.ts'
import { gas, wei } from '../core/units.ts'
import { decodeOutcome } from './decode.ts'

/**
 * Owns which sent transactions the chain has not yet spoken of.
 * 1. Included is what has a receipt under the hash of the block that is canonical now; no builder's word counts.
 * 2. A transaction is looked for at its target block and at two heads more: one that a builder leaked can still land
 *    then, reverted, and takes its nonce with it. An answer that does not come counts for none of them.
 * 3. For 64 blocks a reorg has it looked for anew. A receipt is told once per block hash.
 * 4. It never throws; what a node did not answer in time is asked again at the next head.
 */
export interface ReceiptTracker {
  readonly watch: (bundle: Bundle, signed: readonly SignedTx[]) => void
  /** Blocks were replaced: what was found, or not found, may be otherwise now. */
  readonly reconsider: () => void
  /** Returns what is new at a head; to be awaited before the loop sees that head. */
  readonly collect: (head: Pick<Head, 'number'>) => Promise<readonly Receipt[]>
}

const looks = 3
const keptBlocks = 64

interface Look {
  readonly answered: boolean
  readonly receipt: Receipt | undefined
}

const unanswered: Look = { answered: false, receipt: undefined }

interface Watched {
  readonly intent: string
  readonly protocol: string
  readonly targetBlock: number
  readonly txHash: Hex
  /** The block hash of the receipt that was told last. */
  told: Hex | undefined
  looksLeft: number
}

/** Creates a tracker that watches nothing; `timeoutMs` of wall time bounds each `collect`. */
export const createReceiptTracker = (deps: {
  readonly client: Pick<PublicClient, 'getTransactionReceipt' | 'getBlock'>
  readonly executor: Address
  readonly timeoutMs?: number
  readonly log?: (text: string) => void
}): ReceiptTracker => {
  const { client, executor, timeoutMs = 1_000, log = () => {} } = deps
  const watched = new Map<Hex, Watched>()

  const receiptOf = async (hash: Hex): Promise<TransactionReceipt | undefined> => {
    try {
      return await client.getTransactionReceipt({ hash })
    } catch (thrown) {
      if (thrown instanceof TransactionReceiptNotFoundError) return undefined
      throw thrown
    }
  }

  const look = async (entry: Watched): Promise<Receipt | undefined> => {
    const found = await receiptOf(entry.txHash)
    if (found === undefined || found.blockHash === entry.told) return undefined
    const block = await client.getBlock({ blockNumber: found.blockNumber })
    if (block.hash !== found.blockHash) return undefined
    return {
      intent: entry.intent,
      txHash: entry.txHash,
      block: Number(found.blockNumber),
      blockHash: found.blockHash,
      txIndex: found.transactionIndex,
      status: found.status,
      gasUsed: gas(found.gasUsed),
      gasPriceWei: wei(found.effectiveGasPrice),
      coinbase: block.miner,
      ...decodeOutcome(executor, entry.protocol, found.logs),
    }
  }

  /** Only what is returned here counts as told: an answer that comes too late is asked for again. */
  const lookInTime = async (entry: Watched): Promise<Look> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Look>((resolve) => {
      timer = setTimeout(() => {
        log(`no receipt of ${entry.txHash} within ${timeoutMs} ms`)
        resolve(unanswered)
      }, timeoutMs)
    })
    const looked = look(entry).then(
      (receipt) => ({ answered: true, receipt }),
      (thrown: unknown) => {
        log(`receipt of ${entry.txHash} not read: ${messageOf(thrown)}`)
        return unanswered
      },
    )
    const result = await Promise.race([looked, late])
    clearTimeout(timer)
    return result
  }

  const settle = async (entry: Watched): Promise<Receipt | undefined> => {
    const { answered, receipt } = await lookInTime(entry)
    if (receipt !== undefined) entry.told = receipt.blockHash
    if (answered) entry.looksLeft -= 1
    return receipt
  }

  return {
    watch: (bundle, signed) => {
      const byId = new Map(bundle.intents.map((intent) => [intent.id, intent]))
      for (const { intent: id, txHash } of signed) {
        const intent = byId.get(id)
        if (intent === undefined) continue
        watched.set(txHash, {
          intent: id,
          protocol: intent.plan.protocol,
          targetBlock: bundle.targetBlock,
          txHash,
          told: undefined,
          looksLeft: looks,
        })
      }
    },
    reconsider: () => {
      for (const entry of watched.values()) entry.looksLeft = looks
    },
    collect: async ({ number }) => {
      for (const { txHash, targetBlock } of [...watched.values()]) {
        if (number > targetBlock + keptBlocks) watched.delete(txHash)
      }
      const due = [...watched.values()].filter(
        ({ targetBlock, looksLeft }) => targetBlock <= number && looksLeft > 0,
      )
      const receipts = await Promise.all(due.map(settle))
      return receipts.filter((receipt) => receipt !== undefined)
    },
  }
}
