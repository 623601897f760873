import { type Hex, numberToHex } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'

export interface SimulatedCall {
  readonly from: Address
  readonly to: Address
  readonly data: Hex
}

/** A block that was mined, whose place in time a simulation takes. */
export interface BlockFacts {
  readonly number: number
  readonly timestampSec: number
  readonly baseFeeWei: bigint
}

interface Simulated {
  readonly calls: readonly {
    readonly returnData: Hex
    readonly status: Hex
    readonly error?: { message: string }
  }[]
}

/** Runs calls one after the other on the state before a block, as if inside it; returns what each gave. Nothing is kept. */
export const simulateInBlock = async (
  rpc: Rpc,
  block: BlockFacts,
  calls: readonly SimulatedCall[],
): Promise<readonly Hex[]> => {
  const [simulated] = await rpc.call<readonly Simulated[]>('eth_simulateV1', [
    {
      blockStateCalls: [
        {
          blockOverrides: {
            number: numberToHex(block.number),
            time: numberToHex(block.timestampSec),
            gasLimit: numberToHex(2_000_000_000n),
          },
          calls: calls.map((call) => ({
            ...call,
            input: call.data,
            data: undefined,
            gas: numberToHex(16_700_000n),
          })),
        },
      ],
      validation: false,
    },
    numberToHex(block.number - 1),
  ])
  return (simulated?.calls ?? []).map(({ returnData, status, error }, index) => {
    if (BigInt(status) !== 1n)
      throw new ProtocolError(
        'JUDGE_CALL_FAILED',
        `Check call ${index} of the judge in block ${block.number}: it failed with "${error?.message ?? returnData}".`,
      )
    return returnData
  })
}
