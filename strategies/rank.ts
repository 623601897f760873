import type { Address } from '../core/types/chain.ts'
import type { Opportunity, Pair } from '../protocols/protocol.ts'
import type { Pools } from '../venues/venue.ts'
import type { Costs } from './sizing.ts'

/** An opportunity with the most that it could make, in wei as a float: it only orders and leaves out. */
export interface Ranked {
  readonly opportunity: Opportunity
  readonly boundWei: number
}

/** What the rounding of one item may hide, as a part of what is seized. */
const ROUNDING = 1e-4

/**
 * Returns the opportunities by what their largest repayment would make at the pools' marginal prices, without fees and
 * slippage, best first, equals by position. Those that no route leads out of are left out.
 */
export const rank = (
  opportunities: readonly Opportunity[],
  pools: Pools,
  { routes, weth }: Costs,
): readonly Ranked[] => {
  const rates = new Map<string, number>()
  /** Raw units bought for one sold at the best marginal price; zero without a route. */
  const rateOf = (sold: Address, bought: Address): number => {
    if (sold.toLowerCase() === bought.toLowerCase()) return 1
    const name = `${sold}:${bought}`
    const known = rates.get(name)
    if (known !== undefined) return known
    const all = routes
      .between(sold, bought)
      .map((route) => route.reduce((rate, hop) => rate * (pools.marginalRate(hop) ?? 0), 1))
    const best = Math.max(0, ...all)
    rates.set(name, best)
    return best
  }

  const boundOf = ({ collateral, debt, maxRepayRaw, seizeOf }: Pair): number | undefined => {
    if (collateral.address.toLowerCase() === debt.address.toLowerCase()) return undefined
    const rate = rateOf(collateral.address, debt.address)
    const weiOf = rateOf(collateral.address, weth)
    if (rate === 0 || weiOf === 0) return undefined
    const { repayRaw, seizeRaw } = seizeOf(maxRepayRaw)
    return (Number(seizeRaw) * (1 + ROUNDING) - Number(repayRaw) / rate) * weiOf
  }

  const ranked: Ranked[] = []
  for (const opportunity of opportunities) {
    const bounds = opportunity.pairs.map(boundOf).filter((bound) => bound !== undefined)
    if (bounds.length > 0) ranked.push({ opportunity, boundWei: Math.max(...bounds) })
  }
  return ranked.sort(
    (a, b) => b.boundWei - a.boundWei || (a.opportunity.position < b.opportunity.position ? -1 : 1),
  )
}
