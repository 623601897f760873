import type { Receipt } from '../core/types/event.ts'
import { type Wei, wei } from '../core/units.ts'
import type { StepRecord } from './step-record.ts'

export interface LossLimits {
  /** In ether; what gas cost more than came in, over so much time of blocks. */
  readonly hourEth: number
  readonly dayEth: number
}

/** What one of our transactions took more than it brought. */
export interface Loss {
  readonly block: number
  readonly lossWei: Wei
}

/**
 * Owns whether so much was lost that nothing more is planned.
 *
 * 1. It reads receipts alone, whatever strategies, guard and builders thought would happen.
 * 2. It opens at a limit and closes when the blocks of the loss are an hour, or a day, behind the head.
 */
export interface LossBreaker {
  /** Looks at the head anew and tells what changed. */
  readonly observe: (headNumber: number, record: StepRecord) => void
  readonly isOpen: () => boolean
}

const hourSec = 3_600
const daySec = 86_400
const weiPerEth = 1e18

/** Returns what a mined transaction of ours lost: its gas, less the profit that was kept; undefined when it lost nothing. */
export const lossOf = ({
  block,
  gasUsed,
  gasPriceWei,
  liquidations,
}: Receipt): Loss | undefined => {
  const keptWei = liquidations.reduce((sum, { profitWei, bidWei }) => sum + profitWei - bidWei, 0n)
  const lossWei = gasUsed * gasPriceWei - keptWei
  return lossWei > 0n ? { block, lossWei: wei(lossWei) } : undefined
}

/** Returns how many blocks behind the head a loss still counts. */
export const lossBlocks = (blockTimeSec: number): number => Math.ceil(daySec / blockTimeSec)

/** Creates the breaker over losses that another keeps. */
export const createLossBreaker = (
  limits: LossLimits,
  blockTimeSec: number,
  losses: () => Iterable<Loss>,
): LossBreaker => {
  let isOpen = false
  const lostEth = (headNumber: number, spanSec: number): number => {
    const after = headNumber - Math.ceil(spanSec / blockTimeSec)
    let lostWei = 0n
    for (const { block, lossWei } of losses()) if (block > after) lostWei += lossWei
    return Number(lostWei) / weiPerEth
  }

  return {
    isOpen: () => isOpen,
    observe: (headNumber, record) => {
      const [hour, day] = [lostEth(headNumber, hourSec), lostEth(headNumber, daySec)]
      const wasOpen = isOpen
      isOpen = hour >= limits.hourEth || day >= limits.dayEth
      if (isOpen === wasOpen) return
      const lost = `${hour.toFixed(4)} ETH in an hour (limit ${limits.hourEth}) and ${day.toFixed(4)} ETH in a day (limit ${limits.dayEth})`
      record.tell({
        key: 'loss-limit',
        severity: isOpen ? 'critical' : 'info',
        status: isOpen ? 'open' : 'resolved',
        kind: 'loss-limit',
        text: isOpen
          ? `Find out why transactions land at a loss: ${lost}. Nothing is planned until that is past.`
          : `The losses are past: ${lost}. Planning goes on.`,
      })
    },
  }
}
