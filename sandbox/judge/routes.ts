import { concatHex, type Hex, numberToHex } from 'viem'
import type { Address } from '../../core/types/chain.ts'

export interface JudgedPool {
  readonly token0: Address
  readonly token1: Address
  readonly feePips: number
}

const same = (a: Address, b: Address): boolean => a.toLowerCase() === b.toLowerCase()

const otherOf = (pool: JudgedPool, token: Address): Address | undefined =>
  same(pool.token0, token) ? pool.token1 : same(pool.token1, token) ? pool.token0 : undefined

/** Returns Uniswap's path encoding of every way of one or two pools from one token to another. */
export const pathsBetween = (
  pools: readonly JudgedPool[],
  from: Address,
  to: Address,
): readonly Hex[] => {
  const fee = (pool: JudgedPool) => numberToHex(pool.feePips, { size: 3 })
  return pools.flatMap((first) => {
    const middle = otherOf(first, from)
    if (!middle) return []
    if (same(middle, to)) return [concatHex([from, fee(first), to])]
    return pools
      .filter(
        (second) =>
          second !== first && otherOf(second, middle) && same(otherOf(second, middle)!, to),
      )
      .map((second) => concatHex([from, fee(first), middle, fee(second), to]))
  })
}
