import type { PendingUpdate } from '../core/types/chain.ts'
import type { Event } from '../core/types/event.ts'
import type { Opportunity } from '../protocols/protocol.ts'
import { planBatch } from './batch.ts'
import { liquidatable, mayPlan } from './find-opportunities.ts'
import type { LiquidationParams } from './params.ts'
import type { Refusal, Strategy, Verdict, World } from './strategy.ts'

const NAME = 'oracle-backrun'

export type OracleBackrunParams = LiquidationParams

const nothing: Verdict = { plans: [], refusals: [] }

/**
 * Creates the strategy that stands right behind a pending oracle update and closes what that update alone makes
 * liquidatable.
 *
 * A verdict is one bundle, so each evaluation plans behind one update. Those that wait for the same block get their
 * turn when the bundle before them is signed; a bundle is for one block, so all are planned anew at every head.
 */
export const createOracleBackrun = (params: OracleBackrunParams): Strategy => ({
  name: NAME,
  evaluate: (world, event) => {
    const { book, nextBlockSec } = world
    const { head } = book
    const updates = updatesFor(world, event)
    if (!params.enabled || head === undefined || updates.length === 0) return nothing

    const without = new Set(
      liquidatable(world, book.view(nextBlockSec)).map(({ position }) => position),
    )
    const refusals: Refusal[] = []
    for (const update of updates) {
      const opened = openedBy(update, world).filter(({ position }) => !without.has(position))
      const found = mayPlan(opened, world, params)
      const verdict = planBatch({
        opportunities: found.opportunities,
        world,
        frame: {
          strategy: NAME,
          head,
          behind: update,
          params,
          eligibleBlockOf: () => head.number + 1,
        },
      })
      refusals.push(...found.refusals, ...verdict.refusals)
      if (verdict.plans.length > 0) return { plans: verdict.plans, refusals }
    }
    return { plans: [], refusals }
  },
})

const openedBy = (
  { aggregator, answerRaw }: PendingUpdate,
  { book, nextBlockSec }: World,
): readonly Opportunity[] => {
  const answers = new Map([[aggregator.toLowerCase(), answerRaw]])
  return liquidatable({ book }, book.view(nextBlockSec, answers))
}

/** The update that the event brings, or all that still wait when their turn comes; in the order we saw them. */
const updatesFor = ({ book }: World, event: Event): readonly PendingUpdate[] => {
  if (event.type === 'pending-update') {
    // The book drops what is superseded: an update that it does not hold is none.
    const update = book.pending.get(event.update.txHash.toLowerCase())
    return update === undefined ? [] : [update]
  }
  if (event.type !== 'block' && event.type !== 'synced' && event.type !== 'signed') return []
  return [...book.pending.values()].sort(
    (a, b) => a.seenMs - b.seenMs || (a.txHash < b.txHash ? -1 : 1),
  )
}
