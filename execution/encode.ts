import { encodeFunctionData } from 'viem'
import { executorAbi } from '../contracts/generated/executor.ts'
import type { Hex } from '../core/types/chain.ts'
import type { Hop, Intent } from '../core/types/plan.ts'

const zeroForOneBit = 1n << 255n

/** Returns a hop as the word that `Executor.Item.route` and `.settle` hold. */
export const hopWord = (hop: Hop): bigint =>
  BigInt(hop.pool) | (hop.zeroForOne ? zeroForOneBit : 0n)

/** Returns the calldata of `Executor.execute` for an intent. */
export const encodeIntent = ({ plan, deadlineBlock }: Intent): Hex =>
  encodeFunctionData({
    abi: executorAbi,
    functionName: 'execute',
    args: [
      plan.items.map((item) => ({
        account: item.account,
        collateral: item.collateral,
        debt: item.debt,
        repay: item.repayRaw,
        route: item.route.map(hopWord),
        settle: item.settle.map(hopWord),
      })),
      BigInt(plan.bidBps),
      plan.minProfitWei,
      BigInt(deadlineBlock),
    ],
  })
