import { sub } from '../core/math.ts'
import { type Raw, type Wei, wei } from '../core/units.ts'
import type { Pair } from '../protocols/protocol.ts'
import type { Route } from '../venues/route.ts'
import type { Pools, Quote } from '../venues/venue.ts'

/** A way to close a pair: where the debt is bought with collateral, and where the rest may be sold for WETH. */
export interface Way {
  readonly pair: Pair
  /** In the executor's order: the first pool pays out the debt. */
  readonly route: Route
  /** The best of these is taken; one empty route when the collateral is WETH. */
  readonly settles: readonly Route[]
}

/** What the executor would do of one item, to the unit. */
export interface Trade {
  readonly pair: Pair
  readonly repayRaw: Raw
  readonly seizeRaw: Raw
  readonly route: Route
  readonly owedRaw: Raw
  readonly settle: Route
  readonly profitWei: Wei
  readonly ticksCrossed: number
  /** The last swap: what comes after it are the pools that the trade leaves. */
  readonly last: Quote
}

interface Leg {
  readonly amountRaw: Raw
  readonly ticksCrossed: number
  /** Undefined without hops. */
  readonly last: Quote | undefined
}

/**
 * Returns the trade that `Executor.executeItem` makes of a repayment; undefined where it would revert.
 * A profit of zero is returned, though the executor refuses it: sizing needs to see where profit begins.
 */
export const tradeOf = (pools: Pools, way: Way, repayRaw: Raw): Trade | undefined => {
  const { pair, route } = way
  const close = pair.seizeOf(repayRaw)
  // What Aave would not take stays in the executor, and it refuses to keep debt.
  if (close.repayRaw !== repayRaw) return undefined
  const bought = buy(pools, route, repayRaw)
  if (bought?.last === undefined || bought.amountRaw >= close.seizeRaw) return undefined
  const restRaw = sub(close.seizeRaw, bought.amountRaw)

  const between = way.settles.some(({ length }) => length > 0) ? bought.last.after : pools
  let settle: Route | undefined
  let sold: Leg | undefined
  for (const candidate of way.settles) {
    const leg = sell(between, candidate, restRaw)
    if (leg === undefined || (sold !== undefined && leg.amountRaw <= sold.amountRaw)) continue
    settle = candidate
    sold = leg
  }
  if (settle === undefined || sold === undefined) return undefined
  return {
    pair,
    repayRaw,
    seizeRaw: close.seizeRaw,
    route,
    owedRaw: bought.amountRaw,
    settle,
    profitWei: wei(sold.amountRaw),
    ticksCrossed: bought.ticksCrossed + sold.ticksCrossed,
    last: sold.last ?? bought.last,
  }
}

/** Returns what the last pool of a flash swap takes for `amountOutRaw` of the first: a chain of exact outputs. */
export const buy = (pools: Pools, route: Route, amountOutRaw: Raw): Leg | undefined =>
  chain(pools, route, amountOutRaw, false)

/** Returns what a chain of exact inputs pays out, the amount itself without hops. */
export const sell = (pools: Pools, route: Route, amountInRaw: Raw): Leg | undefined =>
  chain(pools, route, amountInRaw, true)

const chain = (
  pools: Pools,
  route: Route,
  specifiedRaw: Raw,
  exactInput: boolean,
): Leg | undefined => {
  let amountRaw = specifiedRaw
  let ticksCrossed = 0
  let last: Quote | undefined
  for (const hop of route) {
    const at: Pools = last === undefined ? pools : last.after
    last = exactInput ? at.quoteExactInput(hop, amountRaw) : at.quoteExactOutput(hop, amountRaw)
    if (last === undefined) return undefined
    amountRaw = last.amountRaw
    ticksCrossed += last.ticksCrossed
  }
  return { amountRaw, ticksCrossed, last }
}
