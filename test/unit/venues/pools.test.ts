import { describe, expect, test } from 'vitest'
import type { PoolChange } from '../../../core/types/change.ts'
import { raw } from '../../../core/units.ts'
import { sqrtRatioAtTick } from '../../../venues/uniswap-v3/tick-math.ts'
import { aHead } from '../../support/a-book.ts'
import { aPool, tableOf } from '../../support/a-pool.ts'
import { usdc, weth } from '../../support/tokens.ts'

const story = aPool(weth, usdc).feePips(500).priced(1_800).holding(1_000).build()
const pool = story.key.address
/** WETH is the second token of this pair. */
const sellWeth = { pool, zeroForOne: false }
const buyWeth = { pool, zeroForOne: true }
const one = raw(10n ** 18n)
const spacing = 10

const blockOf = (...changes: readonly PoolChange[]) =>
  ({ type: 'block', head: aHead(), changes }) as const

describe('createPoolTable', () => {
  test('default: a pool quotes what its past says', () => {
    const { pools } = tableOf(story)
    const sold = pools.quoteExactInput(sellWeth, one)!
    expect(Number(sold.amountRaw) / 1e6).toBeCloseTo(1_800 * 0.9995 * (1_000 / 1_001), 1)
    expect(pools.quoteExactOutput(buyWeth, one)!.ticksCrossed).toBe(0)
  })

  test('behavior: the case of an address does not matter, an unknown pool quotes nothing', () => {
    const { pools, keys } = tableOf(story)
    const upper = `0x${pool.slice(2).toUpperCase()}` as const
    expect(pools.quoteExactInput({ pool: upper, zeroForOne: false }, one)).toBeDefined()
    expect(pools.quoteExactInput({ pool: weth.address, zeroForOne: false }, one)).toBeUndefined()
    expect([...keys.keys()]).toEqual([pool.toLowerCase()])
  })

  test('behavior: quoting changes nothing, and what follows a quote is of its own', () => {
    const { pools } = tableOf(story)
    const first = pools.quoteExactInput(sellWeth, one)!
    const second = first.after.quoteExactInput(sellWeth, one)!
    expect(second.amountRaw).toBeLessThan(first.amountRaw)
    expect(pools.quoteExactInput(sellWeth, one)!.amountRaw).toBe(first.amountRaw)
    expect(first.after.quoteExactInput(sellWeth, one)!.amountRaw).toBe(second.amountRaw)
  })

  test('behavior: a snapshot stays as it was when blocks come', () => {
    const table = tableOf(story)
    const before = table.pools
    const quoted = before.quoteExactInput(sellWeth, one)!.amountRaw
    const change = {
      type: 'pool/liquidity',
      pool,
      tickLower: -887_270,
      tickUpper: 887_270,
    } as const
    table.apply(blockOf({ ...change, delta: 10n ** 18n }))
    expect(before.quoteExactInput(sellWeth, one)!.amountRaw).toBe(quoted)
    expect(table.pools.quoteExactInput(sellWeth, one)!.amountRaw).toBeGreaterThan(quoted)
    table.apply(blockOf({ ...change, delta: -(10n ** 18n) }))
    expect(table.pools.quoteExactInput(sellWeth, one)!.amountRaw).toBe(quoted)
  })

  test('behavior: liquidity outside the price waits for it', () => {
    const table = tableOf(story)
    const quoted = table.pools.quoteExactInput(sellWeth, raw(50n * one))!
    const [price] = story.changes
    const tick = price?.type === 'pool/price' ? price.tick : 0
    const above = Math.ceil(tick / spacing) * spacing + 10 * spacing
    table.apply(
      blockOf({
        type: 'pool/liquidity',
        pool,
        tickLower: above,
        tickUpper: above + 100 * spacing,
        delta: 10n ** 17n,
      }),
    )
    expect(table.pools.quoteExactInput(sellWeth, one)!.ticksCrossed).toBe(0)
    const deeper = table.pools.quoteExactInput(sellWeth, raw(50n * one))!
    expect(deeper.ticksCrossed).toBe(1)
    expect(deeper.amountRaw).toBeGreaterThan(quoted.amountRaw)
  })

  test('behavior: nothing, or more than there is, is no quote', () => {
    const { pools } = tableOf(story)
    expect(pools.quoteExactInput(sellWeth, raw(0n))).toBeUndefined()
    expect(pools.quoteExactOutput(buyWeth, raw(1_001n * one))).toBeUndefined()
  })

  test('behavior: a pool of which a log is missing is not quoted until its logs agree again', () => {
    const table = tableOf(story)
    const [price, liquidity] = story.changes
    if (price?.type !== 'pool/price' || liquidity?.type !== 'pool/liquidity') throw price
    // A swap tells of more liquidity than the mints that we saw: one was missed.
    table.apply(blockOf({ ...price, liquidity: liquidity.delta + 5n }))
    expect(table.pools.quoteExactInput(sellWeth, one)).toBeUndefined()
    table.apply(blockOf({ ...price, liquidity: liquidity.delta }))
    expect(table.pools.quoteExactInput(sellWeth, one)).toBeDefined()
  })

  test('behavior: a reorg voids the states and keeps the keys, a start voids all', () => {
    const table = tableOf(story)
    table.apply({ type: 'reorg', block: 5 })
    expect(table.pools.quoteExactInput(sellWeth, one)).toBeUndefined()
    table.apply({ type: 'history', fromBlock: 1, toBlock: 5, changes: story.changes })
    expect(table.pools.quoteExactInput(sellWeth, one)).toBeDefined()
    table.apply({ type: 'start', session: 'next', settings: {} })
    expect(table.keys.size).toBe(0)
    table.apply({ type: 'history', fromBlock: 1, toBlock: 5, changes: story.changes })
    expect(table.pools.quoteExactInput(sellWeth, one)).toBeUndefined()
  })

  test('behavior: pools told again keep their state', () => {
    const table = tableOf(story)
    const quoted = table.pools.quoteExactInput(sellWeth, one)!.amountRaw
    table.apply({ type: 'pools', pools: [story.key] })
    expect(table.pools.quoteExactInput(sellWeth, one)!.amountRaw).toBe(quoted)
  })

  test('behavior: a tick whose ranges cancel is still a tick', () => {
    const table = tableOf(story)
    const change = { type: 'pool/liquidity', pool, delta: 10n ** 16n } as const
    const edge = 200_000
    table.apply(
      blockOf(
        { type: 'pool/price', pool, sqrtPriceX96: sqrtRatioAtTick(edge - 5), tick: edge - 5 },
        { ...change, tickLower: edge - 100, tickUpper: edge },
        { ...change, tickLower: edge, tickUpper: edge + 100 },
      ),
    )
    // The tick between the ranges, and the end of the upper one.
    expect(table.pools.quoteExactInput(sellWeth, raw(10n * one))!.ticksCrossed).toBe(2)
  })
})
