import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gas, raw } from '../../core/units.ts'
import type { Opportunity } from '../../protocols/protocol.ts'
import { planBatch } from '../../strategies/batch.ts'
import { MAX_TX_GAS } from '../../strategies/gas.ts'
import type { LiquidationParams } from '../../strategies/params.ts'
import type { Verdict, World } from '../../strategies/strategy.ts'
import { sell, tradeOf } from '../../strategies/trade.ts'
import { aWorld, operatorsOf, someOpportunities, somePools } from '../support/a-market.ts'
import { weth } from '../support/tokens.ts'

const params: LiquidationParams = {
  enabled: true,
  weth: weth.address,
  bidBps: 7300,
  minNetUsd: 2,
  maxItemsPerTx: 4,
}

const planAll = (world: World, opportunities: readonly Opportunity[], some = params): Verdict =>
  planBatch({
    opportunities,
    world,
    frame: {
      strategy: 'test',
      head: world.book.head!,
      behind: undefined,
      ahead: [],
      params: some,
      eligibleBlockOf: () => 101,
    },
  })

const runs = { numRuns: 100 }

describe('planBatch', () => {
  test('every opportunity is planned once or refused once', () => {
    fc.assert(
      fc.property(
        somePools,
        someOpportunities(16),
        fc.integer({ min: 0, max: 3 }),
        (table, opportunities, operators) => {
          const world = aWorld(table, operatorsOf(operators))
          const { plans, refusals } = planAll(world, opportunities)
          const told = [
            ...plans.flatMap(({ items }) => items.map(({ position }) => position)),
            ...refusals.map(({ position }) => position),
          ]
          expect(told.toSorted()).toEqual(opportunities.map(({ position }) => position).toSorted())
          expect(plans.length).toBeLessThanOrEqual(operators)
        },
      ),
      runs,
    )
  })

  test('quoting the items again in their order gives the same to the wei', () => {
    fc.assert(
      fc.property(somePools, someOpportunities(16), (table, opportunities) => {
        let { pools } = table
        for (const item of planAll(aWorld(table), opportunities).plans.flatMap(
          ({ items }) => items,
        )) {
          const pair = opportunities
            .find(({ position }) => position === item.position)!
            .pairs.find(
              ({ collateral, debt, maxRepayRaw }) =>
                collateral.address === item.collateral &&
                debt.address === item.debt &&
                item.repayRaw <= maxRepayRaw,
            )!
          let owedRaw = item.repayRaw
          for (const hop of item.route) {
            const quote = pools.quoteExactOutput(hop, owedRaw)!
            owedRaw = quote.amountRaw
            pools = quote.after
          }
          expect(owedRaw).toBe(item.owedRaw)
          const sold = sell(pools, item.settle, raw(item.seizeRaw - owedRaw))!
          expect(sold.amountRaw).toBe(item.profitWei)
          pools = sold.last?.after ?? pools
          expect(pair.maxRepayRaw).toBeGreaterThanOrEqual(item.repayRaw)
        }
      }),
      runs,
    )
  })

  test('every item pays for itself, and every transaction fits', () => {
    fc.assert(
      fc.property(somePools, someOpportunities(16), (table, opportunities) => {
        const world = aWorld(table)
        const { plans } = planAll(world, opportunities)
        let before = 0n
        for (const plan of plans) {
          expect(plan.items.length).toBeLessThanOrEqual(params.maxItemsPerTx)
          for (const item of plan.items) {
            expect(item.netUsd).toBeGreaterThan(0)
            expect(item.bidWei).toBe((item.profitWei * BigInt(plan.bidBps)) / 10_000n)
          }
          const netUsd = plan.items.reduce((sum, item) => sum + item.netUsd, 0)
          expect(netUsd).toBeGreaterThan(params.minNetUsd * plan.items.length * (1 - 1e-9))
          const profit = plan.items.reduce((sum, { profitWei }) => sum + profitWei, 0n)
          expect(plan.minProfitWei).toBeGreaterThan(0n)
          expect(plan.minProfitWei).toBeLessThanOrEqual(profit)
          expect(plan.gasLimit).toBeLessThanOrEqual(MAX_TX_GAS)
          before += plan.gasLimit
        }
        expect(new Set(plans.map(({ id }) => id)).size).toBe(plans.length)
        // Four transactions of four items: their limits alone fit into a block.
        expect(before).toBeLessThanOrEqual(world.book.head!.gasLimit)
      }),
      runs,
    )
  })

  test('the order of the opportunities does not matter', () => {
    fc.assert(
      fc.property(somePools, someOpportunities(10), (table, opportunities) => {
        const world = aWorld(table)
        const byPosition = (verdict: Verdict) => ({
          plans: verdict.plans,
          refusals: verdict.refusals.toSorted((a, b) => (a.position < b.position ? -1 : 1)),
        })
        expect(byPosition(planAll(world, opportunities.toReversed()))).toEqual(
          byPosition(planAll(world, opportunities)),
        )
      }),
      { numRuns: 50 },
    )
  })

  test('more room never makes less', () => {
    const netOf = ({ plans }: Verdict): number =>
      plans.reduce((sum, { items }) => sum + items.reduce((all, item) => all + item.netUsd, 0), 0)
    fc.assert(
      fc.property(somePools, someOpportunities(8), (table, opportunities) => {
        const few = planAll(aWorld(table, operatorsOf(1)), opportunities, {
          ...params,
          maxItemsPerTx: 1,
        })
        const many = planAll(aWorld(table, operatorsOf(1)), opportunities, {
          ...params,
          maxItemsPerTx: 8,
        })
        expect(netOf(many)).toBeGreaterThanOrEqual(netOf(few))
      }),
      { numRuns: 50 },
    )
  })

  test('a small block holds fewer, and one of which ours may use a part already fewer still', () => {
    fc.assert(
      fc.property(somePools, someOpportunities(16), (table, opportunities) => {
        const world = aWorld(table)
        const head = { ...world.book.head!, gasLimit: gas(3_000_000n), gasUsed: gas(1_500_000n) }
        const small = { ...world, book: { ...world.book, head } }
        const limits = planAll(small, opportunities).plans.map(({ gasLimit }) => gasLimit)
        const most = limits.reduce((sum, limit) => sum + limit, 0n as bigint)
        expect(most).toBeLessThanOrEqual(head.gasLimit)
        const openGas = gas(2_000_000n)
        const left = planAll({ ...small, openGas }, opportunities).plans
        expect(left.reduce((sum, plan) => sum + plan.gasLimit, 0n as bigint)).toBeLessThanOrEqual(
          head.gasLimit - openGas,
        )
      }),
      { numRuns: 50 },
    )
  })
})

// What a trade needs is exported for the planner alone; this keeps the re-quoting above honest.
test('a trade that repays more than the pair allows is none', () => {
  fc.assert(
    fc.property(somePools, someOpportunities(1), (table, [opportunity]) => {
      const pair = opportunity!.pairs[0]!
      const way = { pair, route: [], settles: [[]] }
      expect(tradeOf(table.pools, way, raw(pair.maxRepayRaw + 1n))).toBeUndefined()
    }),
    { numRuns: 20 },
  )
})
