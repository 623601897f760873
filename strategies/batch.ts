import type { Reason } from '../core/reasons.ts'
import type { Opportunity } from '../protocols/protocol.ts'
import { createRoutes } from '../venues/route.ts'
import type { Pools } from '../venues/venue.ts'
import { createDrafts } from './drafts.ts'
import { etherUsd } from './ether-price.ts'
import { gasPriceWei, maxFeePerGasWei } from './fees.ts'
import { gasOfItem } from './gas.ts'
import { operatorBudget } from './operator-budget.ts'
import { DEFAULT_MAX_SIZED } from './params.ts'
import { type PlanFrame, planOf } from './plan-draft.ts'
import { rank } from './rank.ts'
import { type Costs, type Sized, size } from './sizing.ts'
import type { Refusal, Verdict, World } from './strategy.ts'

export interface BatchRequest {
  readonly opportunities: readonly Opportunity[]
  readonly world: World
  readonly frame: Omit<PlanFrame, 'etherPriceUsd' | 'gasPriceWei'>
}

interface Candidate {
  readonly sized: Sized
  /** The pools that it was sized on. */
  readonly pools: Pools
}

/** A position is sized again whenever the pools moved before its turn; after this many times on average, no more. */
const RESIZINGS = 4

/**
 * Returns the plans that close the opportunities one after the other, best first, each sized on the pools as the ones
 * before it leave them, and why the others are left.
 *
 * An estimate from before the pools moved is taken for an upper bound: who comes first in the queue is sized anew and
 * taken only if it still comes first.
 */
export const planBatch = ({ opportunities, world, frame }: BatchRequest): Verdict => {
  const refusals: Refusal[] = []
  const refuse = ({ position }: Opportunity, reason: Reason): void => {
    refusals.push({ position, reason })
  }
  const refuseAll = (all: readonly Opportunity[], reason: Reason): Verdict => {
    for (const opportunity of all) refuse(opportunity, reason)
    return { plans: [], refusals }
  }
  if (opportunities.length === 0) return { plans: [], refusals }
  const { head, params } = frame
  const budget = operatorBudget(world.book.operators, maxFeePerGasWei(head))
  const etherPriceUsd = etherUsd(world)
  if (budget.plans === 0) return refuseAll(opportunities, 'no-operator')
  if (etherPriceUsd === undefined) return refuseAll(opportunities, 'unprofitable')

  const costs: Costs = {
    routes: createRoutes(world.book.poolKeys, params.weth),
    weth: params.weth,
    gasPriceWei: gasPriceWei(head),
    bid: params,
  }
  const promising = promisingOf(opportunities, world, costs, refuse)
  const most = params.maxSized ?? DEFAULT_MAX_SIZED
  for (const opportunity of promising.slice(most)) refuse(opportunity, 'over-cap')

  const base = world.book.pools
  const queue: Candidate[] = []
  for (const opportunity of promising.slice(0, most)) {
    const sized = size(opportunity, base, costs)
    if (sized === undefined) refuse(opportunity, 'unprofitable')
    else insert(queue, { sized, pools: base })
  }

  const full: PlanFrame = { ...frame, etherPriceUsd, gasPriceWei: costs.gasPriceWei }
  const drafts = createDrafts(full, budget)
  let pools = base
  let resizings = RESIZINGS * queue.length
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { opportunity } = next.sized
    if (drafts.isFull()) {
      refuse(opportunity, 'no-operator')
      continue
    }
    let { sized } = next
    if (next.pools !== pools) {
      const again = size(opportunity, pools, costs)
      if (again === undefined) {
        refuse(opportunity, 'unprofitable')
        continue
      }
      const rival = queue[0]
      if (rival !== undefined && resizings-- > 0 && comesBefore(rival.sized, again)) {
        insert(queue, { sized: again, pools })
        continue
      }
      sized = again
    }
    const reason = drafts.add(sized)
    if (reason === undefined) pools = sized.trade.after
    else refuse(opportunity, reason)
  }
  return { plans: drafts.all().map((draft, number) => planOf(draft, number, full)), refusals }
}

/** Those that may pay for their gas at all, best bound first. */
const promisingOf = (
  opportunities: readonly Opportunity[],
  { book }: World,
  costs: Costs,
  refuse: (opportunity: Opportunity, reason: Reason) => void,
): readonly Opportunity[] => {
  const ranked = rank(opportunities, book.pools, book.poolKeys, costs)
  const routed = new Set(ranked.map(({ opportunity }) => opportunity))
  for (const opportunity of opportunities)
    if (!routed.has(opportunity)) refuse(opportunity, 'no-route')
  const leastWei = Number(gasOfItem(1, 0) * costs.gasPriceWei)
  const promising: Opportunity[] = []
  for (const { opportunity, boundWei } of ranked)
    if (boundWei > leastWei) promising.push(opportunity)
    else refuse(opportunity, boundWei > 0 ? 'dust' : 'unprofitable')
  return promising
}

const comesBefore = (a: Sized, b: Sized): boolean =>
  a.netWei > b.netWei || (a.netWei === b.netWei && a.opportunity.position < b.opportunity.position)

const insert = (queue: Candidate[], candidate: Candidate): void => {
  const index = queue.findIndex(({ sized }) => comesBefore(candidate.sized, sized))
  queue.splice(index < 0 ? queue.length : index, 0, candidate)
}
