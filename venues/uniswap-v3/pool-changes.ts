import type { Address } from '../../core/types/chain.ts'
import type { PoolChange } from '../../core/types/change.ts'

/** Liquidity that begins or ends at a tick, and what begins less what ends. */
export interface TickInfo {
  gross: bigint
  net: bigint
}

/** A pool as its events left it. */
export interface PoolFacts {
  readonly address: Address
  readonly sqrtPriceX96: bigint
  readonly tick: number
  readonly liquidity: bigint
  readonly ticks: ReadonlyMap<number, Readonly<TickInfo>>
}

/**
 * The changes that lead from nothing to a pool. Whose ranges they are is not known: those that end at a tick are matched
 * with the ones that began last, which gives every tick what it had.
 */
export const poolChanges = function* (facts: PoolFacts): Iterable<PoolChange> {
  const { address: pool, sqrtPriceX96, tick, liquidity, ticks } = facts
  if (sqrtPriceX96 === 0n && ticks.size === 0) return
  yield { type: 'pool/price', pool, sqrtPriceX96, tick, liquidity: 0n }
  const begun: { readonly tickLower: number; amount: bigint }[] = []
  for (const [at, { gross, net }] of [...ticks].sort(([a], [b]) => a - b)) {
    let ending = (gross - net) / 2n
    while (ending > 0n) {
      const last = begun.at(-1)
      if (last === undefined) break
      const delta = last.amount < ending ? last.amount : ending
      yield { type: 'pool/liquidity', pool, tickLower: last.tickLower, tickUpper: at, delta }
      last.amount -= delta
      ending -= delta
      if (last.amount === 0n) begun.pop()
    }
    const beginning = (gross + net) / 2n
    if (beginning > 0n) begun.push({ tickLower: at, amount: beginning })
  }
  // Of a pool of which a log is missing this is not what the ranges say, and must not become so.
  yield { type: 'pool/price', pool, sqrtPriceX96, tick, liquidity }
}
