import type { Plan, PlanItem } from '../core/types/plan.ts'
import type { Pools } from '../venues/venue.ts'
import { etherUsd, usdOfWei } from './ether-price.ts'
import type { World } from './strategy.ts'
import { sell } from './trade.ts'

/**
 * Returns what a plan repays in dollars: the collateral that buys the debt, sold for WETH as the plan sells the rest.
 * Undefined when the book can not say, which is never within a cap.
 */
export const repaidUsd = ({ items }: Plan, world: World): number | undefined => {
  const etherPriceUsd = etherUsd(world)
  if (etherPriceUsd === undefined) return undefined
  let totalWei = 0n
  for (const item of items) {
    const worthWei = worthOf(item, world.book.pools)
    if (worthWei === undefined) return undefined
    totalWei += worthWei
  }
  return usdOfWei(totalWei, etherPriceUsd)
}

const worthOf = ({ owedRaw, settle }: PlanItem, pools: Pools): bigint | undefined => {
  // A hundredth is sold and counted a hundredfold: selling all of a large position would say too little.
  const partRaw = (owedRaw / 100n || 1n) as typeof owedRaw
  const sold = sell(pools, settle, partRaw)
  return sold && (sold.amountRaw * owedRaw) / partRaw
}
