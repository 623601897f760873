import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import { type Holding, type PricedAsset, planBorrowers } from '../../sandbox/chain/borrowers.ts'
import { answerRawOf } from '../../sandbox/chain/feeds.ts'
import { healthFactorWad } from '../../sandbox/chain/health-factor.ts'
import { assets } from '../../sandbox/chain/mainnet.ts'
import { parameters } from '../../sandbox/chain/parameters.ts'
import { usdAt } from '../../sandbox/price-path.ts'
import { aScenario } from '../support/a-scenario.ts'

const crash = aScenario()
const bySymbol = (symbol: string): PricedAsset => {
  const asset = assets.find((one) => one.symbol === symbol)!
  return { ...asset, answerRaw: answerRawOf(usdAt(crash, asset.asset, 0)) }
}
const baseOf = ({ asset, amountRaw }: Holding): bigint =>
  (amountRaw * asset.answerRaw) / 10n ** BigInt(asset.decimals)
const sumOf = (holdings: readonly Holding[]): bigint =>
  holdings.reduce((total, holding) => total + baseOf(holding), 0n)

describe('planned borrowers', () => {
  test('keep to the bounds, and what they supply first grants the loan', () => {
    const arbitrary = fc.record({
      seed: fc.integer(),
      low: fc.double({ min: 1.001, max: 1.2, noNaN: true }),
      width: fc.double({ min: 0.001, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(arbitrary, ({ seed, low, width }) => {
        const healthFactor: [number, number] = [low, low + width]
        const positions = { ...crash.positions, count: 8, healthFactor }
        for (const plan of planBorrowers(aScenario({ seed, positions }), bySymbol)) {
          const debtBase = sumOf(plan.debt)
          const ratio = (holdings: readonly Holding[], of: 'ltvBps' | 'liquidationThresholdBps') =>
            Number(
              healthFactorWad(
                holdings.map((holding) => ({
                  base: baseOf(holding),
                  thresholdBps: BigInt(parameters[holding.asset.symbol]![of]),
                })),
                debtBase,
              ),
            ) / 1e18
          const factor = ratio(plan.collateral, 'liquidationThresholdBps')
          expect(factor).toBeGreaterThan(low)
          expect(factor).toBeLessThan(low + width)
          const supplied = plan.collateral.map(({ asset }, i) => ({
            asset,
            amountRaw: plan.suppliedRaw[i]!,
          }))
          expect(ratio(supplied, 'ltvBps')).toBeGreaterThan(1)
          expect(
            supplied.every(({ amountRaw }, i) => amountRaw >= plan.collateral[i]!.amountRaw),
          ).toBe(true)
          expect(Number(debtBase) / 1e8).toBeGreaterThan(crash.positions.minUsd * 0.999)
          expect(Number(debtBase) / 1e8).toBeLessThan(crash.positions.maxUsd * 1.001)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('are the same for the same seed and others for another', () => {
    const positions = { ...crash.positions, count: 20 }
    const plan = (seed: number) => planBorrowers(aScenario({ seed, positions }), bySymbol)
    expect(plan(1)).toEqual(plan(1))
    expect(plan(2)).not.toEqual(plan(1))
  })

  test('refuse a market that cannot lend what they ask for', () => {
    const markets = { ...crash.markets, USDC: { supplied: 1_000 } }
    expect(() => planBorrowers(aScenario({ markets }), bySymbol)).toThrow(ConfigError)
  })
})
