import { type Abi, decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Rpc } from './rpc.ts'
import { hexOf } from './rpc-values.ts'

/** Multicall3, at the same address on every chain that has it. */
const MULTICALL3: Address = '0xcA11bde05977b3631167028862bE2a173976CA11'

const abi = parseAbi([
  'struct Call { address target; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function tryAggregate(bool requireSuccess, Call[] calls) view returns (Result[] returnData)',
])

/** One call, encoded. */
interface RawCall {
  readonly to: Address
  readonly data: Hex
}

/** One call by its ABI. */
export interface AbiCall {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** So many calls go into one `eth_call`: far below what nodes cap in gas and size. */
const CALLS_AT_ONCE = 200

/** Makes calls at the block of this hash; returns what each returned, undefined for a revert. */
export type RawCaller = (
  blockHash: Hex,
  calls: readonly RawCall[],
) => Promise<readonly (Hex | undefined)[]>

/** Creates a caller through Multicall3; a node that does not have the block refuses, and never answers of another. */
export const createRawCaller = (rpc: Rpc, deadlineMs?: number): RawCaller => {
  const part = async (
    blockHash: Hex,
    calls: readonly RawCall[],
  ): Promise<readonly (Hex | undefined)[]> => {
    const data = encodeFunctionData({
      abi,
      functionName: 'tryAggregate',
      args: [false, calls.map(({ to, data }) => ({ target: to, callData: data }))],
    })
    return rpc.request(
      'eth_call',
      [{ to: MULTICALL3, data }, { blockHash }],
      (answer) => {
        const results = parseResults(hexOf('multicall result', answer))
        if (results.length === calls.length) return results
        throw new ProtocolError(
          'MULTICALL_SHORT',
          `Check that Multicall3 stands at ${MULTICALL3}: ${calls.length} calls were answered with ${results.length}.`,
        )
      },
      deadlineMs,
    )
  }
  return async (blockHash, calls) => {
    const parts = Array.from({ length: Math.ceil(calls.length / CALLS_AT_ONCE) }, (_, i) =>
      part(blockHash, calls.slice(i * CALLS_AT_ONCE, (i + 1) * CALLS_AT_ONCE)),
    )
    return (await Promise.all(parts)).flat()
  }
}

const parseResults = (data: Hex): readonly (Hex | undefined)[] => {
  try {
    return decodeFunctionResult({ abi, functionName: 'tryAggregate', data }).map(
      ({ success, returnData }) => (success ? returnData : undefined),
    )
  } catch (cause) {
    throw new ProtocolError(
      'MULTICALL_UNREADABLE',
      `Check that Multicall3 stands at ${MULTICALL3}: its answer ${data.slice(0, 80)} cannot be read.`,
      { data },
      { cause },
    )
  }
}

/** Returns the results of calls by their ABI, undefined for those that reverted or answered something else. */
export const callByAbi = async (
  caller: RawCaller,
  blockHash: Hex,
  calls: readonly AbiCall[],
): Promise<readonly unknown[]> => {
  const answers = await caller(
    blockHash,
    calls.map(({ address, ...call }) => ({ to: address, data: encodeFunctionData(call) })),
  )
  return calls.map((call, i) => {
    const data = answers[i]
    if (data === undefined || data === '0x') return undefined
    try {
      return decodeFunctionResult({ ...call, data })
    } catch (thrown) {
      if (thrown instanceof Error) return undefined
      throw thrown
    }
  })
}

/** Takes a reading to its end at one block: makes each batch of calls that it yields and gives it the answers. */
export const readAt = async <Call, Answer, T>(
  reading: Generator<readonly Call[], T, readonly Answer[]>,
  answer: (calls: readonly Call[]) => Promise<readonly Answer[]>,
): Promise<T> => {
  let step = reading.next([])
  while (!step.done) step = reading.next(await answer(step.value))
  return step.value
}
