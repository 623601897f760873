import type { Head, PendingUpdate } from '../core/types/chain.ts'
import type { Event } from '../core/types/event.ts'
import type { Opportunity } from '../protocols/protocol.ts'
import { planBatch } from './batch.ts'
import { highestBaseFeeWei } from './fees.ts'
import { liquidatable, mayPlan } from './find-opportunities.ts'
import type { LiquidationParams } from './params.ts'
import type { Refusal, Strategy, Verdict, World } from './strategy.ts'

const NAME = 'oracle-backrun'

export type OracleBackrunParams = LiquidationParams

const nothing: Verdict = { plans: [], refusals: [] }

/**
 * Creates the strategy that stands right behind a pending oracle update and closes what it makes liquidatable, or more
 * profitable than it was to whoever closes what is liquidatable already, together with the updates that were seen before
 * it for the same block.
 *
 * A verdict is one bundle, so each evaluation plans behind one update. Those that wait for the same block get their
 * turn when the bundle before them is signed; a bundle is for one block, so all are planned anew at every head.
 */
export const createOracleBackrun = (params: OracleBackrunParams): Strategy => ({
  name: NAME,
  evaluate: (world, event) => {
    const { book, nextBlockSec } = world
    const { head } = book
    if (!params.enabled || head === undefined) return nothing
    const waiting = mineable(world, head)
    const updates = event.type === 'pending-update' ? waiting.filter(isOf(event)) : waiting
    if (!looksAt.has(event.type) || updates.length === 0) return nothing

    const healthWithout = new Map(
      liquidatable(world, book.view(nextBlockSec)).map(({ position, healthFactorWad }) => [
        position,
        healthFactorWad,
      ]),
    )
    const refusals: Refusal[] = []
    for (const update of updates) {
      const ahead = aheadOf(update, waiting, head)
      const touched = liquidatableBehind([...ahead, update], world).filter(
        ({ position, healthFactorWad }) => healthWithout.get(position) !== healthFactorWad,
      )
      const found = mayPlan(touched, world, params)
      const verdict = planBatch({
        opportunities: found.opportunities,
        world,
        frame: {
          strategy: NAME,
          head,
          behind: update,
          ahead,
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

/** At these all that waits is looked at; at a pending update only that one. */
const looksAt: ReadonlySet<Event['type']> = new Set(['pending-update', 'block', 'synced', 'signed'])

/** The book drops what is superseded: an update that it does not hold is none. */
const isOf =
  (event: Extract<Event, { type: 'pending-update' }>) =>
  ({ txHash }: PendingUpdate): boolean =>
    txHash.toLowerCase() === event.update.txHash.toLowerCase()

/** The updates that can pay the next block's base fee whatever it is, in the order in which we saw them. */
const mineable = ({ book }: World, head: Head): readonly PendingUpdate[] =>
  [...book.pending.values()]
    .filter(({ maxFeePerGasWei }) => maxFeePerGasWei >= highestBaseFeeWei(head))
    .sort((a, b) => a.seenMs - b.seenMs || (a.txHash < b.txHash ? -1 : 1))

/**
 * The updates that come before one: of the same sender, whose nonces do, and those that came since the head. An older
 * one of another sender was left out of a block already, and what stands behind it would be left out with it.
 */
const aheadOf = (
  update: PendingUpdate,
  waiting: readonly PendingUpdate[],
  head: Head,
): readonly PendingUpdate[] =>
  waiting
    .slice(0, waiting.indexOf(update))
    .filter(({ from, seenMs }) => from === update.from || seenMs >= head.seenMs)

const liquidatableBehind = (
  updates: readonly PendingUpdate[],
  { book, nextBlockSec }: World,
): readonly Opportunity[] => {
  const answers = new Map(
    updates.map(({ aggregator, answerRaw }) => [aggregator.toLowerCase(), answerRaw]),
  )
  return liquidatable({ book }, book.view(nextBlockSec, answers))
}
