import { encodeAbiParameters, encodeEventTopics, parseEventLogs } from 'viem'
import { eventAbi } from '../protocols/aave-v3/abi.ts'

/** Work such as a node's answers make: frames of logs that are parsed and decoded, turn after turn. */
export interface ViemLoad {
  readonly start: () => void
  /** Returns how many logs were decoded since `start`. */
  readonly stop: () => number
}

const account = `0x${'a11ce'.padStart(40, '0')}` as const

const frameOf = (logs: number): string =>
  JSON.stringify(
    Array.from({ length: logs }, (_, n) => ({
      address: account,
      topics: encodeEventTopics({
        abi: eventAbi,
        eventName: 'Mint',
        args: { caller: account, onBehalfOf: account },
      }),
      data: encodeAbiParameters(
        [{ type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }],
        [10n ** 18n + BigInt(n), 10n ** 12n, 10n ** 27n],
      ),
      blockHash: `0x${'b'.repeat(64)}`,
      blockNumber: '0x111ab10',
      logIndex: `0x${n.toString(16)}`,
      transactionHash: `0x${'c'.repeat(64)}`,
      transactionIndex: '0x1',
      removed: false,
    })),
  )

/** Creates a load of so many logs, by default a block of them, in one turn of the event loop; it yields to the loop between turns, and never rests. */
export const createViemLoad = (logsPerTurn = 600): ViemLoad => {
  const frame = frameOf(logsPerTurn)
  let decoded = 0
  let next: NodeJS.Immediate | undefined
  const turn = (): void => {
    decoded += parseEventLogs({ abi: eventAbi, logs: JSON.parse(frame) }).length
    next = setImmediate(turn)
  }
  return {
    start: () => {
      decoded = 0
      next = setImmediate(turn)
    },
    stop: () => {
      clearImmediate(next)
      return decoded
    },
  }
}
