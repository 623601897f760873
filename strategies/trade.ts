import { sub } from '../core/math.ts'
import type { Hop } from '../core/types/plan.ts'
import { type Raw, raw, type Wei, wei } from '../core/units.ts'
import type { Pair } from '../protocols/protocol.ts'
import type { Route } from '../venues/route.ts'
import type { Pools } from '../venues/venue.ts'

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
  readonly after: Pools
}

interface Leg {
  readonly amountRaw: Raw
  readonly ticksCrossed: number
  readonly after: Pools
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
  if (bought === undefined || bought.amountRaw >= close.seizeRaw) return undefined
  const restRaw = sub(close.seizeRaw, bought.amountRaw)

  let best: { readonly settle: Route; readonly sold: Leg } | undefined
  for (const settle of way.settles) {
    const sold = sell(bought.after, settle, restRaw)
    if (sold !== undefined && (best === undefined || sold.amountRaw > best.sold.amountRaw))
      best = { settle, sold }
  }
  if (best === undefined) return undefined
  const { settle, sold } = best
  return {
    pair,
    repayRaw,
    seizeRaw: close.seizeRaw,
    route,
    owedRaw: bought.amountRaw,
    settle,
    profitWei: wei(sold.amountRaw),
    ticksCrossed: bought.ticksCrossed + sold.ticksCrossed,
    get after() {
      return sold.after
    },
  }
}

/** Returns what the last pool of a flash swap takes for `amountOutRaw` of the first: a chain of exact outputs. */
const buy = (pools: Pools, route: readonly Hop[], amountOutRaw: Raw): Leg | undefined =>
  chain(pools, route, amountOutRaw, (at, hop, amountRaw) => at.quoteExactOutput(hop, amountRaw))

/** Returns what a chain of exact inputs pays out, the amount itself without hops. */
export const sell = (pools: Pools, route: readonly Hop[], amountInRaw: Raw): Leg | undefined =>
  chain(pools, route, amountInRaw, (at, hop, amountRaw) => at.quoteExactInput(hop, amountRaw))

const chain = (
  pools: Pools,
  hops: readonly Hop[],
  amountRaw: Raw,
  quote: (pools: Pools, hop: Hop, amountRaw: Raw) => Leg | undefined,
): Leg | undefined => {
  let last: Leg = { amountRaw: raw(amountRaw), ticksCrossed: 0, after: pools }
  for (const hop of hops) {
    const next = quote(last.after, hop, last.amountRaw)
    if (next === undefined) return undefined
    const before = last.ticksCrossed
    last = {
      amountRaw: next.amountRaw,
      ticksCrossed: before + next.ticksCrossed,
      get after() {
        return next.after
      },
    }
  }
  return last
}
