import { type Abi, encodeFunctionData, getContractAddress } from 'viem'
import { InvariantError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from './accounts.ts'
import type { Rpc } from './rpc.ts'

/** A transaction of the set-up; nobody signs it, the node takes the sender's word. */
export interface SetupTx {
  /** What a failure is reported as. */
  readonly what: string
  readonly from: Address
  readonly to: Address
  readonly data?: Hex
  readonly valueWei?: bigint
}

/**
 * Owns the queue of the set-up's next block, every sender's nonce and the chain's time.
 * 1. Nothing leaves before `mine`; a sender's transactions stand in the block in the order they were queued.
 *    Between senders there is no order: what must come first goes into an earlier block.
 * 2. The addresses of contracts are known when they are queued, because the nonces are ours alone.
 * 3. Blocks stand at even distances in time. A transaction that fails ends the set-up.
 */
export interface BlockWriter {
  readonly call: (call: SetupTx) => void
  /** Queues a call of a function of a contract. */
  readonly invoke: (
    contract: Pick<SetupTx, 'from' | 'to' | 'valueWei'> & {
      readonly abi: Abi | readonly unknown[]
    },
    functionName: string,
    args?: readonly unknown[],
  ) => void
  /** Queues a contract creation by the deployer and returns the address that it will have. */
  readonly create: (what: string, initCode: Hex) => Address
  readonly mine: () => Promise<void>
  /** Blocks written, transactions in them and gas used by them. */
  readonly counts: () => {
    readonly blocks: number
    readonly transactions: number
    readonly gas: number
  }
}

interface QueuedTx {
  readonly what: string
  readonly fields: Readonly<Record<string, Hex | undefined>>
}

interface TxReceipt {
  readonly transactionHash: Hex
  readonly status: Hex
  readonly gasUsed: Hex
}

/** Far above what any single call of the set-up uses, so that none needs an estimate. */
const callGas = 12_000_000
const gasPriceWei = 2_000_000_000n

const hex = (n: bigint | number): Hex => `0x${n.toString(16)}`

/** Creates a writer whose first block stands `intervalSec` behind `genesisSec`; senders begin at nonce zero unless told otherwise. */
export const createBlockWriter = ({
  rpc,
  genesisSec,
  intervalSec,
  nonces: begun = new Map(),
}: {
  readonly rpc: Rpc
  readonly genesisSec: number
  readonly intervalSec: number
  readonly nonces?: ReadonlyMap<Address, number>
}): BlockWriter => {
  const nonces = new Map<Address, number>(begun)
  let queue: QueuedTx[] = []
  let timestampSec = genesisSec
  let blocks = 0
  let transactions = 0
  let gas = 0

  const takeNonce = (from: Address): number => {
    const nonce = nonces.get(from) ?? 0
    nonces.set(from, nonce + 1)
    return nonce
  }

  const enqueue = (
    what: string,
    from: Address,
    to: Address | undefined,
    rest: Partial<SetupTx>,
  ): number => {
    const nonce = takeNonce(from)
    const fields = {
      from,
      to,
      data: rest.data,
      value: rest.valueWei === undefined ? undefined : hex(rest.valueWei),
      nonce: hex(nonce),
      gas: hex(callGas),
      gasPrice: hex(gasPriceWei),
    }
    queue.push({ what, fields })
    return nonce
  }

  const fail = async (what: string, hash: Hex): Promise<never> => {
    const trace = await rpc.call<{ readonly error?: string; readonly output?: Hex }>(
      'debug_traceTransaction',
      [hash, { tracer: 'callTracer' }],
    )
    throw new InvariantError(
      'SETUP_REVERTED',
      `Correct the set-up step "${what}": it failed with ${trace.error} ${trace.output ?? ''}.`,
      { what, hash, trace },
    )
  }

  return {
    call: ({ what, from, to, ...rest }) => {
      enqueue(what, from, to, rest)
    },
    invoke: ({ abi, from, to, ...rest }, functionName, args = []) => {
      const data = encodeFunctionData({ abi: abi as Abi, functionName, args: [...args] })
      enqueue(`${functionName} of ${to}`, from, to, { data, ...rest })
    },
    create: (what, initCode) => {
      const from = accounts.deployer.address
      const nonce = enqueue(what, from, undefined, { data: initCode })
      return getContractAddress({ from, nonce: BigInt(nonce) })
    },
    mine: async () => {
      const sent = queue
      queue = []
      timestampSec += intervalSec
      const hashes = await rpc.batch<Hex>(
        sent.map(({ fields }) => ({ method: 'eth_sendTransaction', params: [fields] })),
      )
      await rpc.call('evm_mine', [timestampSec])
      const receipts = await rpc.call<readonly TxReceipt[]>('eth_getBlockReceipts', ['latest'])
      const byHash = new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]))
      for (const [i, { what }] of sent.entries()) {
        const receipt = byHash.get(hashes[i]!)
        if (receipt === undefined) {
          throw new InvariantError(
            'SETUP_NOT_MINED',
            `Give the set-up step "${what}" room: block ${blocks + 1} does not hold it.`,
            { what, hash: hashes[i] },
          )
        }
        if (receipt.status !== '0x1') await fail(what, receipt.transactionHash)
        gas += Number(receipt.gasUsed)
      }
      blocks += 1
      transactions += sent.length
    },
    counts: () => ({ blocks, transactions, gas }),
  }
}
