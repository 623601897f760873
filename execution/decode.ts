import { type Log, parseEventLogs } from 'viem'
import { executorAbi } from '../contracts/generated/executor.ts'
import type { Address } from '../core/types/chain.ts'
import type { Receipt } from '../core/types/event.ts'
import { raw, wei } from '../core/units.ts'

/** Returns what the executor's own logs say of each item, in their order; logs of others are passed over. */
export const decodeOutcome = (
  executor: Address,
  protocol: string,
  logs: readonly Log[],
): Pick<Receipt, 'liquidations' | 'failures'> => {
  const own = logs.filter((log) => log.address.toLowerCase() === executor.toLowerCase())
  const positionOf = (account: Address): string => `${protocol}:${account.toLowerCase()}`
  const events = parseEventLogs({
    abi: executorAbi,
    eventName: ['Liquidated', 'Failed'],
    logs: own,
  })
  return {
    liquidations: events.flatMap(({ eventName, args }) =>
      eventName === 'Liquidated'
        ? [
            {
              position: positionOf(args.account),
              collateral: args.collateral,
              debt: args.debt,
              repaidRaw: raw(args.repaid),
              seizedRaw: raw(args.seized),
              profitWei: wei(args.profit),
              bidWei: wei(args.bid),
            },
          ]
        : [],
    ),
    failures: events.flatMap(({ eventName, args }) =>
      eventName === 'Failed' ? [{ position: positionOf(args.account), error: args.reason }] : [],
    ),
  }
}
