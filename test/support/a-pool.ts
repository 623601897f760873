import type { Address, Token } from '../../core/types/chain.ts'
import type { PoolChange } from '../../core/types/change.ts'
import type { PoolKey } from '../../core/types/market.ts'
import { createPoolTable, type PoolTable } from '../../venues/uniswap-v3/pools.ts'
import { MAX_TICK, tickAtSqrtRatio } from '../../venues/uniswap-v3/tick-math.ts'

/** A pool's key and its past as logs. */
export interface PoolStory {
  readonly key: PoolKey
  readonly changes: readonly PoolChange[]
}

/** Builds a pool: `aPool(weth, usdc).feePips(500).priced(1_800).holding(400)` has 400 WETH over the whole range. */
export interface PoolBuilder {
  readonly at: (address: Address) => PoolBuilder
  readonly feePips: (feePips: number) => PoolBuilder
  /** Whole units of the second token for one of the first. */
  readonly priced: (price: number) => PoolBuilder
  /** Whole units of the first token on its side of the full range. */
  readonly holding: (amount: number) => PoolBuilder
  /** Adds liquidity between two prices of the first token. */
  readonly withRange: (lowPrice: number, highPrice: number, liquidity: bigint) => PoolBuilder
  readonly build: () => PoolStory
}

const spacings: Readonly<Record<number, number>> = { 100: 1, 500: 10, 3000: 60, 10000: 200 }
const Q96 = 2 ** 96

interface Shape {
  readonly address: Address | undefined
  readonly feePips: number
  readonly price: number
  readonly amount: number
  readonly ranges: readonly (readonly [number, number, bigint])[]
}

const build = (first: Token, second: Token, shape: Shape): PoolStory => {
  const swapped = second.address.toLowerCase() < first.address.toLowerCase()
  const [token0, token1] = swapped ? [second, first] : [first, second]
  const tickSpacing = spacings[shape.feePips]!
  const sqrtOf = (price: number): bigint => {
    const rawPrice = (swapped ? 1 / price : price) * 10 ** (token1.decimals - token0.decimals)
    return BigInt(Math.round(Math.sqrt(rawPrice) * Q96))
  }
  const address: Address =
    shape.address ??
    `0x${token0.address.slice(2, 18)}${token1.address.slice(2, 18)}${shape.feePips.toString(16).padStart(8, '0')}`
  const sqrtPriceX96 = sqrtOf(shape.price)
  const amountRaw = BigInt(Math.round(shape.amount * 1e6)) * 10n ** BigInt(first.decimals - 6)
  // Virtual reserves: amount0 = L / sqrt(P), amount1 = L * sqrt(P).
  const liquidity = swapped ? (amountRaw << 96n) / sqrtPriceX96 : (amountRaw * sqrtPriceX96) >> 96n
  const edge = Math.floor(MAX_TICK / tickSpacing) * tickSpacing
  const align = (sqrt: bigint): number =>
    Math.round(tickAtSqrtRatio(sqrt) / tickSpacing) * tickSpacing
  const ranges = shape.ranges.map(([low, high, delta]) => {
    const [a, b] = [align(sqrtOf(low)), align(sqrtOf(high))]
    return { tickLower: Math.min(a, b), tickUpper: Math.max(a, b), delta }
  })
  if (liquidity > 0n) ranges.push({ tickLower: -edge, tickUpper: edge, delta: liquidity })
  const tick = tickAtSqrtRatio(sqrtPriceX96)
  return {
    key: {
      address,
      token0: token0.address,
      token1: token1.address,
      feePips: shape.feePips,
      tickSpacing,
    },
    changes: [
      { type: 'pool/price', pool: address, sqrtPriceX96, tick },
      ...ranges.map((range) => ({ type: 'pool/liquidity' as const, pool: address, ...range })),
    ],
  }
}

const builderOf = (first: Token, second: Token, shape: Shape): PoolBuilder => ({
  at: (address) => builderOf(first, second, { ...shape, address }),
  feePips: (feePips) => builderOf(first, second, { ...shape, feePips }),
  priced: (price) => builderOf(first, second, { ...shape, price }),
  holding: (amount) => builderOf(first, second, { ...shape, amount }),
  withRange: (low, high, liquidity) =>
    builderOf(first, second, { ...shape, ranges: [...shape.ranges, [low, high, liquidity]] }),
  build: () => build(first, second, shape),
})

/** Begins a pool of two tokens: 0.3 %, one for one, empty. */
export const aPool = (first: Token, second: Token): PoolBuilder =>
  builderOf(first, second, { address: undefined, feePips: 3000, price: 1, amount: 0, ranges: [] })

/** Returns the table after the pools' past. */
export const tableOf = (...stories: readonly PoolStory[]): PoolTable => {
  const table = createPoolTable()
  table.apply({ type: 'pools', pools: stories.map(({ key }) => key) })
  table.apply({
    type: 'history',
    fromBlock: 1,
    toBlock: 2,
    changes: stories.flatMap(({ changes }) => changes),
  })
  return table
}
