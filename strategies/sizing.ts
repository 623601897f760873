import type { Address } from '../core/types/chain.ts'
import { type Bps, type Gas, raw, type Wei, wei } from '../core/units.ts'
import type { Opportunity, Pair } from '../protocols/protocol.ts'
import type { Route, Routes } from '../venues/route.ts'
import type { Pools } from '../venues/venue.ts'
import { type BidParams, bidBpsOf, bidWeiOf } from './bidding.ts'
import { expectedItemGas } from './gas.ts'
import { maximise } from './maximise.ts'
import { type Trade, tradeOf, type Way } from './trade.ts'

/** What trading and inclusion cost, while one block is planned. */
export interface Costs {
  readonly routes: Routes
  readonly weth: Address
  readonly gasPriceWei: Wei
  readonly bid: BidParams
}

/** An opportunity with its best pair, route and size. */
export interface Sized {
  readonly opportunity: Opportunity
  readonly trade: Trade
  readonly expectedGas: Gas
  readonly gasCostWei: Wei
  /** What the item would bid on its own. */
  readonly bidBps: Bps
  /** Profit less that bid and gas. */
  readonly netWei: Wei
}

/** Parts of the most at which a way is looked at first, for its slope near nothing. */
const PROBES = [1_024n, 16_384n]
/** How far a bound may lie too low by the rounding of what it was measured from. */
const SLACK = 1.02

/**
 * Returns the pair, route and repayment that leave most after bid and gas; undefined when none leaves anything.
 * Profit is concave in the repayment, so that a tangent bounds what a way can make at any size: the ways are sized
 * exactly in the order of their bounds at small sizes, and only those whose bound at the best's size beats the best.
 */
export const size = (opportunity: Opportunity, pools: Pools, costs: Costs): Sized | undefined => {
  const ways = opportunity.pairs
    .flatMap((pair) => waysOf(pair, costs))
    .map((way) => {
      const gasWei = leastGasWei(way, costs)
      return { way, gasWei, atMostWei: slopeBoundOf(pools, way) * SLACK - gasWei }
    })
    .filter(({ atMostWei }) => atMostWei > 0)
    .sort((a, b) => b.atMostWei - a.atMostWei)

  let best: Sized | undefined
  for (const { way, gasWei, atMostWei } of ways) {
    if (best !== undefined) {
      const bestWei = Number(best.trade.profitWei - best.gasCostWei)
      if (atMostWei < bestWei) break
      if (tangentBoundOf(pools, way, shareOf(best.trade)) * SLACK - gasWei < bestWei) continue
    }
    const trade = maximise(way.pair.maxRepayRaw, (amount) => tradeOf(pools, way, raw(amount)))
    if (trade === undefined) continue
    const sized = withCosts(opportunity, trade, costs)
    if (best === undefined || sized.netWei > best.netWei) best = sized
  }
  return best !== undefined && best.netWei > 0n ? best : undefined
}

/** Returns every way to close a pair, none where the executor cannot: it needs two different tokens. */
export const waysOf = (pair: Pair, { routes, weth }: Costs): readonly Way[] => {
  const collateral = pair.collateral.address
  const settles: readonly Route[] =
    collateral.toLowerCase() === weth.toLowerCase() ? [[]] : routes.between(collateral, weth)
  if (settles.length === 0) return []
  return routes
    .between(collateral, pair.debt.address)
    .map((route) => ({ pair, route: [...route].reverse(), settles }))
}

/** The gas of a way that crosses no tick and sells along its shortest route, in wei. */
const leastGasWei = ({ route, settles }: Way, { gasPriceWei }: Costs): number => {
  const hops = route.length + Math.min(...settles.map(({ length }) => length))
  return Number(expectedItemGas(hops, 0) * gasPriceWei)
}

/** What a way would make if it went on as it begins. */
const slopeBoundOf = (pools: Pools, way: Way): number => {
  const most = way.pair.maxRepayRaw
  for (const divisor of PROBES) {
    const amount = most / divisor || 1n
    const trade = tradeOf(pools, way, raw(amount))
    if (trade !== undefined) return (Number(trade.profitWei) / Number(amount)) * Number(most)
  }
  return 0
}

const shareOf = ({ repayRaw, pair }: Trade): number => Number(repayRaw) / Number(pair.maxRepayRaw)

/** What a way can make at most by its tangent where another way was best; no bound where it makes nothing. */
const tangentBoundOf = (pools: Pools, way: Way, share: number): number => {
  const most = way.pair.maxRepayRaw
  const scaled = (most * BigInt(Math.round(share * 2 ** 30))) >> 30n
  const amount = scaled > 1n ? scaled : 2n
  const reach = amount >> 12n || 1n
  const upper = tradeOf(pools, way, raw(amount))
  const lower = tradeOf(pools, way, raw(amount - reach))
  if (upper === undefined || lower === undefined) return Number.POSITIVE_INFINITY
  const profit = Number(upper.profitWei)
  const slope = Number(upper.profitWei - lower.profitWei) / Number(reach)
  return profit + slope * (slope > 0 ? Number(most - amount) : -Number(amount))
}

const withCosts = (opportunity: Opportunity, trade: Trade, costs: Costs): Sized => {
  const expectedGas = expectedItemGas(trade.route.length + trade.settle.length, trade.ticksCrossed)
  const gasCostWei = wei(expectedGas * costs.gasPriceWei)
  const bidBps = bidBpsOf(trade.profitWei, gasCostWei, costs.bid)
  const netWei = wei(trade.profitWei - bidWeiOf(trade.profitWei, bidBps) - gasCostWei)
  return { opportunity, trade, expectedGas, gasCostWei, bidBps, netWei }
}
