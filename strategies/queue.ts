/**
 * Owns the opportunities that still wait for their turn.
 *
 * 1. Who has a bound only comes before who has a size when the bound is higher; then it is sized.
 * 2. A size from before the pools moved is an upper bound: who comes first is sized again, and is next only if it
 *    still comes first. After so many repetitions the first is taken as it is.
 * 3. A bound from before the pools moved is an upper bound too. When one proves to be nothing, all are renewed: a pool
 *    that is drained ends many of them at once.
 * 4. Of all opportunities at most `maxSized` are ever sized.
 */

import type { Reason } from '../core/reasons.ts'
import type { Opportunity } from '../protocols/protocol.ts'
import type { Pools } from '../venues/venue.ts'
import { expectedItemGas } from './gas.ts'
import { type Ranked, rank } from './rank.ts'
import { type Costs, type Sized, size } from './sizing.ts'

export interface Queue {
  /** Returns the opportunity that leaves most on these pools, with its size, and takes it out. */
  readonly next: (pools: Pools) => Sized | undefined
  /** Returns those that still wait. */
  readonly waiting: () => readonly Opportunity[]
}

export interface QueueDeps {
  readonly opportunities: readonly Opportunity[]
  readonly pools: Pools
  readonly costs: Costs
  readonly maxSized: number
  readonly refuse: (opportunity: Opportunity, reason: Reason) => void
}

interface Contender {
  readonly sized: Sized
  /** The pools that it was sized on. */
  readonly pools: Pools
}

const MAX_RENEWALS = 8
const REPETITIONS = 4

/** Creates the queue of all opportunities that may pay for their gas; the others are refused at once. */
export const createQueue = (deps: QueueDeps): Queue => {
  const { pools: poolsBefore, costs, refuse, maxSized } = deps
  const gasWei = Number(expectedItemGas(1, 0) * costs.gasPriceWei)
  const kept = 1 - costs.bid.bidBps / 10_000
  let bounded: readonly Ranked[] = []
  let first = 0
  let boundedOn = poolsBefore
  const contenders: Contender[] = []
  let sizings = 0
  let repetitions = REPETITIONS * maxSized
  let renewals = 0

  /** Bounds the given opportunities anew; `tooLittle` is said of who was promising before. */
  const bound = (opportunities: readonly Opportunity[], pools: Pools, tooLittle: Reason): void => {
    const ranked = rank(opportunities, pools, costs)
    const promising = ranked.filter(({ boundWei }) => boundWei > gasWei)
    const routed = new Set(ranked.map(({ opportunity }) => opportunity))
    for (const opportunity of opportunities)
      if (!routed.has(opportunity)) refuse(opportunity, 'no-route')
    for (const { opportunity, boundWei } of ranked.slice(promising.length))
      refuse(opportunity, boundWei > 0 ? tooLittle : 'unprofitable')
    bounded = promising
    first = 0
    boundedOn = pools
  }

  const unsized = (): readonly Opportunity[] =>
    bounded.slice(first).map(({ opportunity }) => opportunity)

  const enter = (sized: Sized, pools: Pools): void => {
    const index = contenders.findIndex((other) => comesBefore(sized, other.sized))
    contenders.splice(index < 0 ? contenders.length : index, 0, { sized, pools })
  }

  const sizeFirst = (pools: Pools): void => {
    const { opportunity } = bounded[first++]!
    const sized = size(opportunity, pools, costs)
    sizings++
    if (sized !== undefined) enter(sized, pools)
    else {
      refuse(opportunity, 'unprofitable')
      if (boundedOn !== pools && renewals++ < MAX_RENEWALS) bound(unsized(), pools, 'unprofitable')
    }
  }

  const next = (pools: Pools): Sized | undefined => {
    for (;;) {
      const waiting = bounded[first]
      const leader = contenders[0]
      const leadWei = leader === undefined ? Number.NEGATIVE_INFINITY : Number(leader.sized.netWei)
      if (waiting !== undefined && (waiting.boundWei - gasWei) * kept > leadWei) {
        if (sizings < maxSized) sizeFirst(pools)
        else {
          for (const opportunity of unsized()) refuse(opportunity, 'over-cap')
          first = bounded.length
        }
        continue
      }
      if (leader === undefined) {
        if (waiting === undefined) return undefined
        // Nothing else is left, and a bound below the gas and the bid is none.
        sizeFirst(pools)
        continue
      }
      contenders.shift()
      if (leader.pools === pools) return leader.sized
      const again = size(leader.sized.opportunity, pools, costs)
      if (again === undefined) refuse(leader.sized.opportunity, 'unprofitable')
      else if (repetitions-- > 0) enter(again, pools)
      else return again
    }
  }

  bound(deps.opportunities, poolsBefore, 'dust')
  return {
    next,
    waiting: () => [...contenders.map(({ sized }) => sized.opportunity), ...unsized()],
  }
}

const comesBefore = (a: Sized, b: Sized): boolean =>
  a.netWei > b.netWei || (a.netWei === b.netWei && a.opportunity.position < b.opportunity.position)
