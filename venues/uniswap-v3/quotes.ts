import type { Hop } from '../../core/types/plan.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { Pools, Quote } from '../venue.ts'
import { type PoolState, type SwapResult, swap } from './swap.ts'

type States = ReadonlyMap<string, PoolState>

/** A pool that a swap has moved, over all that were moved before it. */
interface Moved {
  readonly address: string
  readonly state: PoolState
  readonly before: Moved | undefined
  readonly depth: number
}

/** Beyond this many swaps on top of each other the moved pools are gathered, so that none is searched for long. */
const MAX_DEPTH = 12

/** Creates quotes over pool states, by lower-case address; the map is never written. */
export const createQuotes = (states: States): Pools => quotesOver(states, undefined)

// Methods and not arrows: a quote is made thousands of times for one plan, and these cost nothing to make.
const quotesOver = (states: States, moved: Moved | undefined): Pools => ({
  quoteExactOutput(hop, amountOutRaw) {
    return quote(states, moved, hop, amountOutRaw, false)
  },
  quoteExactInput(hop, amountInRaw) {
    return quote(states, moved, hop, amountInRaw, true)
  },
  marginalRate(hop) {
    const pool = poolOf(states, moved, hop)
    if (pool === undefined) return undefined
    const price = (Number(pool.sqrtPriceX96) / 2 ** 96) ** 2
    return hop.zeroForOne ? price : 1 / price
  },
})

/** Returns a hop's pool as it stands; none that was never given a price. */
const poolOf = (states: States, moved: Moved | undefined, hop: Hop): PoolState | undefined => {
  const address = hop.pool.toLowerCase()
  const pool = movedState(moved, address) ?? states.get(address)
  return pool === undefined || pool.sqrtPriceX96 === 0n ? undefined : pool
}

const quote = (
  states: States,
  moved: Moved | undefined,
  hop: Hop,
  amountRaw: Raw,
  exactInput: boolean,
): Quote | undefined => {
  const pool = poolOf(states, moved, hop)
  // Any pool refuses a swap of nothing.
  if (pool === undefined || amountRaw <= 0n) return undefined
  const result = swap(pool, { zeroForOne: hop.zeroForOne, exactInput, amount: amountRaw })
  if (!result.filled) return undefined
  let after: Pools | undefined
  return {
    amountRaw: raw(exactInput ? result.amountOutRaw : result.amountInRaw),
    ticksCrossed: result.ticksCrossed,
    // Most quotes only compare amounts: the pools after them are made when asked for.
    get after() {
      after ??= afterSwap(states, moved, hop.pool.toLowerCase(), stateAfter(pool, result))
      return after
    },
  }
}

const movedState = (moved: Moved | undefined, address: string): PoolState | undefined => {
  for (let at = moved; at !== undefined; at = at.before) if (at.address === address) return at.state
  return undefined
}

const afterSwap = (
  states: States,
  moved: Moved | undefined,
  address: string,
  state: PoolState,
): Pools => {
  if (moved === undefined || moved.depth < MAX_DEPTH) {
    const depth = (moved?.depth ?? 0) + 1
    return quotesOver(states, { address, state, before: moved, depth })
  }
  const gathered = new Map(states)
  const latestLast: Moved[] = []
  for (let at: Moved | undefined = moved; at !== undefined; at = at.before) latestLast.unshift(at)
  for (const one of latestLast) gathered.set(one.address, one.state)
  gathered.set(address, state)
  return quotesOver(gathered, undefined)
}

const stateAfter = ({ key, ticks }: PoolState, result: SwapResult): PoolState => {
  const { sqrtPriceX96, tick, liquidity } = result
  return { key, ticks, sqrtPriceX96, tick, liquidity }
}
