import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { raw, wei } from '../../core/units.ts'
import { bidBpsOf, bidWeiOf } from '../../strategies/bidding.ts'
import { expectedItemGas } from '../../strategies/gas.ts'
import { rank } from '../../strategies/rank.ts'
import { type Costs, size, waysOf } from '../../strategies/sizing.ts'
import { type Trade, tradeOf } from '../../strategies/trade.ts'
import { createRoutes } from '../../venues/route.ts'
import type { PoolTable } from '../../venues/uniswap-v3/pools.ts'
import { someOpportunities, somePools } from '../support/a-market.ts'
import { weth } from '../support/tokens.ts'

const costsOf = (table: PoolTable, gasPriceWei = wei(20n * 10n ** 9n)): Costs => ({
  routes: createRoutes(table.keys, weth.address),
  weth: weth.address,
  gasPriceWei,
  bid: { bidBps: 7300, minBidGwei: 0 },
})

const netOf = (trade: Trade, { gasPriceWei, bid }: Costs): bigint => {
  const hops = trade.route.length + trade.settle.length
  const gasCostWei = wei(expectedItemGas(hops, trade.ticksCrossed) * gasPriceWei)
  const bidWei = bidWeiOf(trade.profitWei, bidBpsOf(trade.profitWei, gasCostWei, bid))
  return trade.profitWei - bidWei - gasCostWei
}

describe('size', () => {
  test('no random way and size leaves more than the sized one', () => {
    fc.assert(
      fc.property(
        somePools,
        someOpportunities(1),
        fc.array(fc.tuple(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 40,
          maxLength: 40,
        }),
        (table, [opportunity], guesses) => {
          const costs = costsOf(table)
          const sized = size(opportunity!, table.pools, costs)
          const ways = opportunity!.pairs.flatMap((pair) => waysOf(pair, costs))
          if (ways.length === 0) expect(sized).toBeUndefined()
          for (const [choice, share] of ways.length === 0 ? [] : guesses) {
            const way = ways[choice % ways.length]!
            const part = (way.pair.maxRepayRaw * BigInt(Math.round(share * 2 ** 40))) >> 40n
            const trade = tradeOf(table.pools, way, raw(part || 1n))
            if (trade === undefined) continue
            const net = netOf(trade, costs)
            // Ticks bend a profit the wrong way, by less than a thousandth: that near is the top.
            if (net > 0n)
              expect(Number(net)).toBeLessThanOrEqual(
                Number(sized?.netWei ?? 0n) * (1 + 1e-3) + 1e12,
              )
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('what it says is what the trade does', () => {
    fc.assert(
      fc.property(somePools, someOpportunities(1), (table, [opportunity]) => {
        const costs = costsOf(table)
        const sized = size(opportunity!, table.pools, costs)
        if (sized === undefined) return
        const { trade } = sized
        const way = { pair: trade.pair, route: trade.route, settles: [trade.settle] }
        const { last: _, ...again } = tradeOf(table.pools, way, trade.repayRaw)!
        const { last: __, ...said } = trade
        expect(again).toEqual(said)
        expect(sized.netWei).toBe(netOf(trade, costs))
        expect(trade.repayRaw).toBeLessThanOrEqual(trade.pair.maxRepayRaw)
      }),
      { numRuns: 150 },
    )
  })
})

describe('rank', () => {
  test('a bound is never below what a size makes', () => {
    fc.assert(
      fc.property(somePools, someOpportunities(4), (table, opportunities) => {
        const costs = costsOf(table, wei(0n))
        const ranked = rank(opportunities, table.pools, costs)
        for (const { opportunity, boundWei } of ranked) {
          const sized = size(opportunity, table.pools, costs)
          if (sized !== undefined)
            expect(Number(sized.trade.profitWei)).toBeLessThanOrEqual(boundWei)
        }
      }),
      { numRuns: 200 },
    )
  })
})
