import type { Hop } from '../../core/types/plan.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { Pools, Quote } from '../venue.ts'
import { type PoolState, swap } from './swap.ts'

type States = ReadonlyMap<string, PoolState>

const none: States = new Map()

/**
 * Creates quotes over pool states, by lower-case address; neither map is ever written.
 * `moved` holds the few pools that earlier swaps have moved, so that a chain of quotes copies only those.
 */
export const createQuotes = (states: States, moved: States = none): Pools => {
  const quote = (hop: Hop, amountRaw: Raw, exactInput: boolean): Quote | undefined => {
    const address = hop.pool.toLowerCase()
    const pool = moved.get(address) ?? states.get(address)
    // A pool that was never given a price refuses swaps, and any pool refuses a swap of nothing.
    if (pool === undefined || pool.sqrtPriceX96 === 0n || amountRaw <= 0n) return undefined
    const result = swap(pool, { zeroForOne: hop.zeroForOne, exactInput, amount: amountRaw })
    if (!result.filled) return undefined
    const { sqrtPriceX96, tick, liquidity } = result
    let after: Pools | undefined
    return {
      amountRaw: raw(exactInput ? result.amountOutRaw : result.amountInRaw),
      ticksCrossed: result.ticksCrossed,
      // Most quotes only compare amounts: the pools after them are built when asked for.
      get after() {
        after ??= createQuotes(
          states,
          new Map(moved).set(address, { ...pool, sqrtPriceX96, tick, liquidity }),
        )
        return after
      },
    }
  }
  return {
    quoteExactOutput: (hop, amountOutRaw) => quote(hop, amountOutRaw, false),
    quoteExactInput: (hop, amountInRaw) => quote(hop, amountInRaw, true),
  }
}
