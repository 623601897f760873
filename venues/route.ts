/**
 * Owns the routes that were asked for over one set of pools.
 *
 * 1. A route is in the order of an exact-input swap, and never passes one pool twice: a pool is locked while it
 *    waits for its callback.
 * 2. Routes are listed in one order whatever the order of the pools: direct ones first, then those through WETH,
 *    then others; cheaper fees first; then by address.
 */
import type { Address } from '../core/types/chain.ts'
import type { PoolKey } from '../core/types/market.ts'
import type { Hop } from '../core/types/plan.ts'

export type Route = readonly Hop[]

export interface Routes {
  /** Returns the routes of one or two hops from a token to another; the same list at each call. */
  readonly between: (from: Address, to: Address) => readonly Route[]
}

interface Candidate {
  readonly route: Route
  readonly feePips: number
  /** 0 for a direct route, 1 through WETH, 2 through another token. */
  readonly detour: number
}

/** Enough for four fee tiers directly and eight ways around. */
const MAX_ROUTES = 12

/** Creates the routes over known pools; of those between two tokens the first twelve are kept. */
export const createRoutes = (keys: ReadonlyMap<string, PoolKey>, weth: Address): Routes => {
  const hub = weth.toLowerCase()
  const byToken = new Map<string, PoolKey[]>()
  for (const key of [...keys.values()].sort(byAddress))
    for (const token of [key.token0, key.token1]) {
      const listed = byToken.get(token.toLowerCase())
      if (listed === undefined) byToken.set(token.toLowerCase(), [key])
      else listed.push(key)
    }

  const find = (from: string, to: string): readonly Route[] => {
    const candidates: Candidate[] = []
    for (const first of byToken.get(from) ?? []) {
      const middle = otherToken(first, from)
      const hop = hopFrom(first, from)
      if (middle === to) candidates.push({ route: [hop], feePips: first.feePips, detour: 0 })
      else
        for (const second of byToken.get(middle) ?? [])
          if (second !== first && otherToken(second, middle) === to)
            candidates.push({
              route: [hop, hopFrom(second, middle)],
              feePips: first.feePips + second.feePips,
              detour: middle === hub ? 1 : 2,
            })
    }
    // The sort is stable and the pools were in order, so that equals stay in the order of their addresses.
    candidates.sort((a, b) => a.detour - b.detour || a.feePips - b.feePips)
    return candidates.slice(0, MAX_ROUTES).map(({ route }) => route)
  }

  const known = new Map<string, readonly Route[]>()
  return {
    between: (from, to) => {
      const start = from.toLowerCase()
      const end = to.toLowerCase()
      const name = `${start}:${end}`
      const routes = known.get(name) ?? (start === end ? [] : find(start, end))
      known.set(name, routes)
      return routes
    },
  }
}

const byAddress = (a: PoolKey, b: PoolKey): number =>
  a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1

const hopFrom = (key: PoolKey, token: string): Hop => ({
  pool: key.address,
  zeroForOne: key.token0.toLowerCase() === token,
})

const otherToken = (key: PoolKey, token: string): string => {
  const token0 = key.token0.toLowerCase()
  return token0 === token ? key.token1.toLowerCase() : token0
}
