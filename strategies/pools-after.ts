import { sub } from '../core/math.ts'
import type { PlanItem } from '../core/types/plan.ts'
import type { Pools } from '../venues/venue.ts'
import { buy, sell } from './trade.ts'

/** Returns the pools as planned items leave them, in order; an item that the pools cannot serve leaves them as they are. */
export const poolsAfter = (pools: Pools, items: readonly PlanItem[]): Pools => {
  let at = pools
  for (const { route, settle, repayRaw, seizeRaw } of items) {
    const bought = buy(at, route, repayRaw)
    if (bought?.last === undefined || bought.amountRaw > seizeRaw) continue
    const between = bought.last.after
    const sold = sell(between, settle, sub(seizeRaw, bought.amountRaw))
    at = sold?.last?.after ?? between
  }
  return at
}
