import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import { type Sec, sec } from '../../core/units.ts'
import type { Reading } from '../../protocols/aave-v3/read.ts'
import { type Anvil, startAnvil } from '../../sandbox/chain/anvil.ts'

/** A transaction of an impersonated account. */
export interface LabTx {
  readonly from: Address
  readonly to: Address | undefined
  readonly data: Hex
}

export interface LabLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly transactionHash: Hex
}

export interface LabReceipt {
  readonly transactionHash: Hex
  readonly status: Hex
  readonly contractAddress: Address | null
  readonly logs: readonly LabLog[]
}

export interface LabBlock {
  readonly number: number
  readonly timestampSec: Sec
  /** In the order in which the transactions were given. */
  readonly receipts: readonly LabReceipt[]
  /** In the order of the block, which is not that of the transactions given: between senders a node may choose. */
  readonly logs: readonly LabLog[]
}

export interface LabCall {
  readonly address: Address
  readonly abi: Abi | readonly unknown[]
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** A local chain that mines what it is given, when it is told to. */
export interface LabChain {
  readonly anvil: Anvil
  readonly mine: (txs: readonly LabTx[], elapsedSec: number) => Promise<LabBlock>
  /** One result per call at the head, undefined for a call that reverts. */
  readonly read: (calls: readonly LabCall[]) => Promise<readonly unknown[]>
  /** Takes back one nonce of an account, after the block that used it was reverted. */
  readonly takeBack: (account: Address) => void
  readonly answer: <T>(reading: Reading<T>) => Promise<T>
  /** The data that transactions of the head's block reverted with, by their hash. */
  readonly revertData: () => Promise<ReadonlyMap<Hex, Hex>>
}

const hex = (n: bigint | number): Hex => `0x${n.toString(16)}`
const RICH = hex(10n ** 30n)

export const startLabChain = async (): Promise<LabChain> => {
  const anvil = await startAnvil({
    chainId: 31337,
    startSec: 1_700_000_000,
    firstBlock: 0,
    gasLimit: 20_000_000_000,
    log: () => {},
  })
  const { rpc } = anvil
  const nonces = new Map<string, number>()
  let timestampSec = 1_700_000_000
  let number = 0

  const raw = (calls: readonly LabCall[]): Promise<readonly (Hex | undefined)[]> => {
    // A revert is an error of the request, which would fail a whole batch.
    return Promise.all(
      calls.map(async ({ address, abi, functionName, args }) => {
        const data = encodeFunctionData({ abi: abi as Abi, functionName, args: [...args] })
        return rpc.call<Hex>('eth_call', [{ to: address, data }, 'latest']).catch(() => undefined)
      }),
    )
  }

  const decoded = ({ abi, functionName }: LabCall, data: Hex | undefined): unknown => {
    if (data === undefined || data === '0x') return undefined
    return decodeFunctionResult({ abi: abi as Abi, functionName, data })
  }

  const read = async (calls: readonly LabCall[]): Promise<readonly unknown[]> => {
    const results: unknown[] = []
    for (let from = 0; from < calls.length; from += 64) {
      const some = calls.slice(from, from + 64)
      const answers = await raw(some)
      results.push(...some.map((call, index) => decoded(call, answers[index])))
    }
    return results
  }

  return {
    anvil,
    read,
    mine: async (txs, elapsedSec) => {
      const poor = new Set(txs.map(({ from }) => from).filter((from) => !nonces.has(from)))
      await rpc.batch([...poor].map((who) => ({ method: 'anvil_setBalance', params: [who, RICH] })))
      const hashes = await rpc.batch<Hex>(
        txs.map(({ from, to, data }) => {
          const nonce = nonces.get(from) ?? 0
          nonces.set(from, nonce + 1)
          const fields = { gas: hex(30_000_000), gasPrice: hex(2_000_000_000n), nonce: hex(nonce) }
          return { method: 'eth_sendTransaction', params: [{ from, to, data, ...fields }] }
        }),
      )
      timestampSec += elapsedSec
      number += 1
      await rpc.call('evm_mine', [timestampSec])
      const receipts = await rpc.call<readonly LabReceipt[]>('eth_getBlockReceipts', ['latest'])
      const byHash = new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]))
      return {
        number,
        timestampSec: sec(timestampSec),
        logs: receipts.flatMap(({ logs }) => logs),
        receipts: hashes.map((hash) => byHash.get(hash)!),
      }
    },
    takeBack: (account) => {
      nonces.set(account, (nonces.get(account) ?? 1) - 1)
    },
    answer: async (reading) => {
      let step = reading.next()
      while (!step.done) step = reading.next(await read(step.value))
      return step.value
    },
    revertData: async () => {
      // One trace of the block: tracing its transactions one by one runs the block anew for each.
      const traces = await rpc.call<
        readonly { readonly txHash: Hex; readonly result: { readonly output?: Hex } }[]
      >('debug_traceBlockByNumber', ['latest', { tracer: 'callTracer' }])
      return new Map(traces.map(({ txHash, result }) => [txHash, result.output ?? '0x']))
    },
  }
}
