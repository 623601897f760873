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
const PROBES = [64n, 1_024n, 16_384n]
/** No tangent is laid nearer to nothing: rounding would be all that it shows. */
const LEAST_TANGENT = 1 / 256
/** Units of the collateral that rounding may hide between two trades. */
const ROUNDING = 2
/** So many ticks a smaller repayment is tried for. */
const MOST_TICKS_BACK = 3
/** How far a bound may lie too low for other reasons: a tick crossed bends a profit the wrong way. */
const SLACK = 1.01

/**
 * Returns the pair, route and repayment that leave most after bid and gas; undefined when none leaves anything.
 * Profit is concave in the repayment, so that a secant bounds what a way can make beyond it: the ways are sized exactly in
 * the order of their bounds at small sizes, and only those whose bound near the best's size beats the best.
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
    const edges = (way.pair.edgesRaw ?? []).flatMap((amount) => tradeOf(pools, way, amount) ?? [])
    const fewerTicks = trade === undefined ? [] : [trade, ...beforeTicks(pools, way, trade)]
    for (const candidate of [...fewerTicks, ...edges]) {
      const sized = withCosts(opportunity, candidate, costs)
      if (best === undefined || sized.netWei > best.netWei) best = sized
    }
  }
  return best !== undefined && best.netWei > 0n ? best : undefined
}

/** Returns every way to close a pair, none where the executor cannot: it needs two different tokens. */
export const waysOf = (pair: Pair, { routes, weth }: Costs): readonly Way[] => {
  const collateral = pair.collateral.address
  const settles: readonly Route[] =
    collateral.toLowerCase() === weth.toLowerCase() ? [[]] : routes.between(collateral, weth)
  if (settles.length === 0) return []
  // A sale of more hops must be worth their gas: it is another way.
  const lengths = [...new Set(settles.map(({ length }) => length))]
  return routes.between(collateral, pair.debt.address).flatMap((route) =>
    lengths.map((hops) => ({
      pair,
      route: [...route].reverse(),
      settles: settles.filter(({ length }) => length === hops),
    })),
  )
}

/**
 * The largest trades that cross fewer ticks: crossing one costs gas at once, which the repayment that earns most of the
 * profit alone may not be worth.
 */
const beforeTicks = (pools: Pools, way: Way, trade: Trade): readonly Trade[] => {
  const found: Trade[] = []
  let from = trade
  for (let step = 0; step < MOST_TICKS_BACK && from.ticksCrossed > 0; step++) {
    const crossed = from.ticksCrossed
    let low: Trade | undefined
    let [below, above] = [0n, from.repayRaw as bigint]
    while (above - below > 1n + (from.repayRaw >> 20n)) {
      const middle = (below + above) >> 1n
      const between = tradeOf(pools, way, raw(middle))
      // What is too small to make anything crosses nothing.
      if (between !== undefined && between.ticksCrossed >= crossed) above = middle
      else {
        below = middle
        low = between ?? low
      }
    }
    if (low === undefined) break
    found.push(low)
    from = low
  }
  return found
}

/** The gas of a way that crosses no tick and sells along its shortest route, in wei. */
const leastGasWei = ({ route, settles }: Way, { gasPriceWei }: Costs): number => {
  const hops = route.length + Math.min(...settles.map(({ length }) => length))
  return Number(expectedItemGas(hops, 0) * gasPriceWei)
}

/** What a way would make if it went on as it begins. */
const slopeBoundOf = (pools: Pools, way: Way): number => {
  const most = way.pair.maxRepayRaw
  const bounds = PROBES.map((divisor) => {
    const amount = most / divisor || 1n
    const trade = tradeOf(pools, way, raw(amount))
    if (trade === undefined) return 0
    return ((Number(trade.profitWei) + roundingOf(trade)) / Number(amount)) * Number(most)
  })
  return Math.max(...bounds)
}

/** What rounding may hide of a profit, in wei. */
const roundingOf = ({ profitWei, seizeRaw, owedRaw }: Trade): number =>
  (ROUNDING * Number(profitWei)) / Number(seizeRaw - owedRaw)

const shareOf = ({ repayRaw, pair }: Trade): number => Number(repayRaw) / Number(pair.maxRepayRaw)

/** What a way can make at most by its slope about where another way was best; no bound where it makes nothing. */
const tangentBoundOf = (pools: Pools, way: Way, share: number): number => {
  const most = way.pair.maxRepayRaw
  const scaled = (most * BigInt(Math.round(Math.max(share, LEAST_TANGENT) * 2 ** 30))) >> 30n
  const amount = scaled > 8n ? scaled : 8n
  const reach = amount >> 3n
  const upper = tradeOf(pools, way, raw(amount))
  const lower = tradeOf(pools, way, raw(amount - reach))
  if (upper === undefined || lower === undefined) return Number.POSITIVE_INFINITY
  const profit = Number(upper.profitWei)
  const rounding = roundingOf(upper)
  const rise = Number(upper.profitWei - lower.profitWei)
  const beyond = ((rise + rounding) / Number(reach)) * Number(most - amount)
  const before = ((rounding - rise) / Number(reach)) * Number(amount)
  return profit + rounding + Math.max(beyond, before, 0)
}

const withCosts = (opportunity: Opportunity, trade: Trade, costs: Costs): Sized => {
  const expectedGas = expectedItemGas(trade.route.length + trade.settle.length, trade.ticksCrossed)
  const gasCostWei = wei(expectedGas * costs.gasPriceWei)
  const bidBps = bidBpsOf(trade.profitWei, gasCostWei, costs.bid)
  const netWei = wei(trade.profitWei - bidWeiOf(trade.profitWei, bidBps) - gasCostWei)
  return { opportunity, trade, expectedGas, gasCostWei, bidBps, netWei }
}
