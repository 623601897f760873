import { describe, expect, test } from 'vitest'
import { wei } from '../../../core/units.ts'
import { type Costs, size } from '../../../strategies/sizing.ts'
import { createRoutes } from '../../../venues/route.ts'
import type { PoolTable } from '../../../venues/uniswap-v3/pools.ts'
import { aPool, tableOf } from '../../support/a-pool.ts'
import { anOpportunity } from '../../support/an-opportunity.ts'
import { link, usdc, usdt, wbtc, weth } from '../../support/tokens.ts'

const costsOf = (table: PoolTable, gasPriceWei = wei(0n)): Costs => ({
  routes: createRoutes(table.keys, weth.address),
  weth: weth.address,
  gasPriceWei,
  bid: { bidBps: 7300, minBidGwei: 0 },
})

const gwei = (amount: bigint) => wei(amount * 10n ** 9n)
const wethForUsdc = { collateral: weth, debt: usdc, price: 1_800, bonusBps: 10_500 } as const

describe('size', () => {
  describe('in a thin pool of 400 collateral, 0.3 % fee, an incentive of 4.38 %', () => {
    // Selling x into the pool yields P D f x / (D + f x) and costs P x / L: the best x is D (sqrt(f L) - 1) / f.
    const [depth, kept, incentive, price] = [400, 0.997, 1.0438, 0.01]
    const best = (depth * (Math.sqrt(kept * incentive) - 1)) / kept
    const bestProfit = price * ((depth * kept * best) / (depth + kept * best) - best / incentive)

    test('behavior: the optimum is that of the closed form, with the debt in WETH', () => {
      const table = tableOf(aPool(link, weth).priced(price).holding(depth).build())
      const opportunity = anOpportunity()
        .withPair({ collateral: link, debt: weth, most: 0.92, price, bonusBps: 10_438 })
        .build()
      const { trade } = size(opportunity, table.pools, costsOf(table))!
      expect(Math.abs(Number(trade.seizeRaw) / 1e18 / best - 1)).toBeLessThan(1e-6)
      expect(Math.abs(Number(trade.profitWei) / 1e18 / bestProfit - 1)).toBeLessThan(1e-9)
    })

    test('behavior: the same with the collateral in WETH, where only the debt is bought', () => {
      const table = tableOf(aPool(weth, usdc).priced(1_800).holding(depth).build())
      const opportunity = anOpportunity()
        .withPair({ ...wethForUsdc, most: 160_000, bonusBps: 10_438 })
        .build()
      const { trade } = size(opportunity, table.pools, costsOf(table))!
      expect(Math.abs(Number(trade.owedRaw) / 1e18 / best - 1)).toBeLessThan(1e-6)
      expect(trade.repayRaw).toBeLessThan(opportunity.pairs[0]!.maxRepayRaw)
    })
  })

  test('default: in a deep pool all that may be repaid is', () => {
    const table = tableOf(aPool(weth, usdc).feePips(500).priced(1_800).holding(20_000).build())
    const opportunity = anOpportunity()
      .withPair({ ...wethForUsdc, most: 8_000 })
      .build()
    const { trade, netWei, bidBps } = size(opportunity, table.pools, costsOf(table))!
    expect(trade.repayRaw).toBe(opportunity.pairs[0]!.maxRepayRaw)
    expect(trade.settle).toEqual([])
    expect(trade.profitWei).toBe(trade.seizeRaw - trade.owedRaw)
    expect(bidBps).toBe(7300)
    expect(netWei).toBe(trade.profitWei - (trade.profitWei * 7300n) / 10_000n)
  })

  test('behavior: nothing pays when the fee takes the bonus', () => {
    const table = tableOf(aPool(weth, usdc).feePips(10_000).priced(1_800).holding(20_000).build())
    const opportunity = anOpportunity()
      .withPair({ ...wethForUsdc, most: 8_000, bonusBps: 10_090 })
      .build()
    expect(size(opportunity, table.pools, costsOf(table))).toBeUndefined()
  })

  test('behavior: nothing pays when gas takes the bonus', () => {
    const table = tableOf(aPool(weth, usdc).feePips(500).priced(1_800).holding(20_000).build())
    const opportunity = anOpportunity()
      .withPair({ ...wethForUsdc, most: 100 })
      .build()
    expect(size(opportunity, table.pools, costsOf(table, gwei(1n)))).toBeDefined()
    expect(size(opportunity, table.pools, costsOf(table, gwei(100n)))).toBeUndefined()
  })

  test('behavior: the pair that makes most is taken, the rest sold where it fetches most', () => {
    const table = tableOf(
      aPool(wbtc, weth).feePips(500).priced(16).holding(100).build(),
      aPool(wbtc, usdc).feePips(3000).priced(28_800).holding(1_000).build(),
      aPool(weth, usdc).feePips(500).priced(1_800).holding(10_000).build(),
    )
    const opportunity = anOpportunity()
      .withPair({ ...wethForUsdc, most: 10_000 })
      .withPair({ collateral: wbtc, debt: usdc, most: 400_000, price: 28_800, bonusBps: 10_625 })
      .build()
    const { trade } = size(opportunity, table.pools, costsOf(table))!
    expect(trade.pair.collateral).toEqual(wbtc)
    expect(trade.route).toHaveLength(1)
    expect(trade.settle.length).toBeGreaterThan(0)
  })

  test('behavior: the route begins where the debt is paid out and ends where the collateral is taken', () => {
    const table = tableOf(
      aPool(link, weth).priced(0.004).holding(500_000).build(),
      aPool(weth, usdt).feePips(500).priced(1_800).holding(10_000).build(),
    )
    const opportunity = anOpportunity()
      .withPair({ collateral: link, debt: usdt, most: 20_000, price: 7.2, bonusBps: 10_700 })
      .build()
    const { trade } = size(opportunity, table.pools, costsOf(table))!
    const keys = trade.route.map(({ pool }) => table.keys.get(pool.toLowerCase())!)
    expect([keys[0]!.token0, keys[0]!.token1]).toContain(usdt.address)
    expect([keys[1]!.token0, keys[1]!.token1]).toContain(link.address)
    expect(trade.settle).toEqual([trade.route[1]])
  })

  test('behavior: the same token on both sides has no way', () => {
    const table = tableOf(aPool(weth, usdc).priced(1_800).holding(400).build())
    const opportunity = anOpportunity()
      .withPair({ collateral: weth, debt: weth, most: 10, price: 1, bonusBps: 10_500 })
      .build()
    expect(size(opportunity, table.pools, costsOf(table))).toBeUndefined()
  })

  test('behavior: what costs more hops than it brings goes the shorter way', () => {
    const table = tableOf(
      aPool(weth, usdc).feePips(3000).priced(1_800).holding(20_000).build(),
      aPool(weth, usdt).feePips(500).priced(1_800).holding(20_000).build(),
      aPool(usdc, usdt).feePips(100).priced(1).holding(50_000_000).build(),
    )
    const opportunity = anOpportunity()
      .withPair({ ...wethForUsdc, most: 8_000 })
      .build()
    const hopsAt = (gasPriceWei: ReturnType<typeof wei>): number =>
      size(opportunity, table.pools, costsOf(table, gasPriceWei))!.trade.route.length
    expect(hopsAt(wei(0n))).toBe(2)
    expect(hopsAt(gwei(200n))).toBe(1)
  })
})
