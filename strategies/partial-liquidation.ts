import { planBatch } from './batch.ts'
import { liquidatable, mayPlan } from './find-opportunities.ts'
import type { LiquidationParams } from './params.ts'
import type { Strategy } from './strategy.ts'

const NAME = 'partial-liquidation'

export type PartialLiquidationParams = LiquidationParams

/** Creates the strategy that closes, in the next block, what the present answers make liquidatable there. */
export const createPartialLiquidation = (params: PartialLiquidationParams): Strategy => ({
  name: NAME,
  evaluate: (world, event) => {
    const { book, nextBlockSec } = world
    const { head } = book
    const isTurn = event.type === 'block' || event.type === 'synced'
    if (!params.enabled || !isTurn || head === undefined) return { plans: [], refusals: [] }

    const found = liquidatable(world, book.view(nextBlockSec))
    if (found.length === 0) return { plans: [], refusals: [] }
    // Interest alone may carry a position over the line in the next block: then it is not late by one.
    const atHead = new Set(
      liquidatable(world, book.view(head.timestampSec)).map(({ position }) => position),
    )
    const { opportunities, refusals } = mayPlan(found, world, params)
    const verdict = planBatch({
      opportunities,
      world,
      frame: {
        strategy: NAME,
        head,
        behind: undefined,
        ahead: [],
        params,
        eligibleBlockOf: (position) => (atHead.has(position) ? head.number : head.number + 1),
      },
    })
    return { plans: verdict.plans, refusals: [...refusals, ...verdict.refusals] }
  },
})
