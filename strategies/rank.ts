import type { Token } from '../core/types/chain.ts'
import type { PoolKey } from '../core/types/market.ts'
import { raw } from '../core/units.ts'
import type { Opportunity, Pair } from '../protocols/protocol.ts'
import type { Pools } from '../venues/venue.ts'
import type { Costs } from './sizing.ts'
import { sell } from './trade.ts'

/** An opportunity with the most that it could make, in wei as a float: it only orders and leaves out. */
export interface Ranked {
  readonly opportunity: Opportunity
  readonly boundWei: number
}

/** What a probe's rounding may hide, as a part of what is seized. */
const ROUNDING = 1e-4

/**
 * Returns the opportunities by what their largest repayment would make at the pools' marginal prices, without fees and
 * slippage, best first, equals by position. Those that no route leads out of are left out.
 */
export const rank = (
  opportunities: readonly Opportunity[],
  pools: Pools,
  keys: ReadonlyMap<string, PoolKey>,
  costs: Costs,
): readonly Ranked[] => {
  const rates = new Map<string, number>()
  /** Raw units bought for one sold at the best marginal price, its fees taken off again; zero without a route. */
  const rateOf = (sold: Token, bought: string): number => {
    if (sold.address.toLowerCase() === bought.toLowerCase()) return 1
    const name = `${sold.address}:${bought}`
    const known = rates.get(name)
    if (known !== undefined) return known
    // A hundredth of a token, but never so few units that rounding would show.
    const probeRaw = raw(10n ** BigInt(Math.max(sold.decimals - 2, 6)))
    let best = 0
    for (const route of costs.routes.between(sold.address, bought as Token['address'])) {
      const paid = sell(pools, route, probeRaw)?.amountRaw ?? 0n
      const kept = route.reduce((part, { pool }) => part * (1 - feeOf(keys, pool)), 1)
      best = Math.max(best, Number(paid) / Number(probeRaw) / kept)
    }
    rates.set(name, best)
    return best
  }

  const boundOf = ({ collateral, debt, maxRepayRaw, seizeOf }: Pair): number | undefined => {
    if (collateral.address.toLowerCase() === debt.address.toLowerCase()) return undefined
    const rate = rateOf(collateral, debt.address)
    const weiOf = rateOf(collateral, costs.weth)
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

const feeOf = (keys: ReadonlyMap<string, PoolKey>, pool: string): number =>
  (keys.get(pool.toLowerCase())?.feePips ?? 0) / 1e6
