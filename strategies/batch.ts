import type { Reason } from '../core/reasons.ts'
import type { Opportunity } from '../protocols/protocol.ts'
import { createRoutes } from '../venues/route.ts'
import { createDrafts } from './drafts.ts'
import { etherUsd } from './ether-price.ts'
import { gasPriceWei, maxFeePerGasWei } from './fees.ts'
import { operatorBudget } from './operator-budget.ts'
import { DEFAULT_MAX_SIZED } from './params.ts'
import { type PlanFrame, planOf } from './plan-draft.ts'
import { createQueue } from './queue.ts'
import type { Refusal, Verdict, World } from './strategy.ts'

export interface BatchRequest {
  readonly opportunities: readonly Opportunity[]
  readonly world: World
  readonly frame: Omit<PlanFrame, 'etherPriceUsd' | 'gasPriceWei'>
}

/**
 * Returns the plans that close the opportunities one after the other, best first, each sized on the pools as the ones
 * before it leave them, and why the others are left.
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
  const { book } = world
  const { head, params } = frame
  const budget = operatorBudget(book.operators, maxFeePerGasWei(head))
  const etherPriceUsd = etherUsd(world)
  if (budget.plans === 0) return refuseAll(opportunities, 'no-operator')
  if (etherPriceUsd === undefined) return refuseAll(opportunities, 'unprofitable')

  const priced: PlanFrame = { ...frame, etherPriceUsd, gasPriceWei: gasPriceWei(head) }
  const queue = createQueue({
    opportunities,
    pools: world.pools,
    costs: {
      routes: createRoutes(book.poolKeys, params.weth),
      weth: params.weth,
      gasPriceWei: priced.gasPriceWei,
      bid: params,
    },
    maxSized: params.maxSized ?? DEFAULT_MAX_SIZED,
    refuse,
  })
  const drafts = createDrafts(priced, budget, world.openGas)
  let { pools } = world
  while (!drafts.isFull()) {
    const sized = queue.next(pools)
    if (sized === undefined) break
    const reason = drafts.add(sized)
    if (reason === undefined) pools = sized.trade.last.after
    else refuse(sized.opportunity, reason)
  }
  for (const opportunity of drafts.leftOver()) refuse(opportunity, 'unprofitable')
  for (const opportunity of queue.waiting()) refuse(opportunity, 'no-operator')
  return { plans: drafts.all().map((draft, number) => planOf(draft, number, priced)), refusals }
}
