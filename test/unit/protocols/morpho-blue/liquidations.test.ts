import { describe, expect, test } from 'vitest'
import { raw, WAD, wad } from '../../../../core/units.ts'
import { incentiveFactor, liquidate } from '../../../../protocols/morpho-blue/liquidate.ts'
import { totals } from '../../../support/a-morpho-book.ts'
import { readGoldenLiquidations } from '../../../support/golden-liquidations.ts'
import { predictedOf } from '../../../support/morpho-words.ts'

/** A unit of the collateral is worth two of the loan, a share of the debt is one unit of it. */
const aCase = (borrowed: bigint, collateral: bigint, priceRaw = 2n * 10n ** 36n) => ({
  holding: {
    borrowSharesRaw: raw(borrowed * 1_000_000n),
    collateralRaw: raw(collateral),
  },
  supply: totals(10n ** 12n, 10n ** 18n),
  borrow: totals(10n ** 11n, 10n ** 17n),
  priceRaw: raw(priceRaw),
  lltvWad: wad((8n * WAD) / 10n),
})
const oneUnit = { seizeRaw: raw(1n), repaySharesRaw: raw(0n) }

describe('liquidate', () => {
  const goldens = readGoldenLiquidations()

  test('default: equals the genuine contract in the golden calls', () => {
    for (const { it, asked, actual } of goldens) {
      expect(predictedOf(liquidate(it, asked)), JSON.stringify(`${it.lltvWad} ${actual}`)).toBe(
        actual,
      )
    }
  })

  test('default: the golden calls meet every outcome, each way of asking', () => {
    const landed = goldens.filter(({ actual }) => actual.startsWith('repaid'))
    expect(landed.length).toBeGreaterThan(40)
    expect(landed.filter(({ asked }) => asked.seizeRaw > 0n).length).toBeGreaterThan(10)
    expect(landed.filter(({ asked }) => asked.repaySharesRaw > 0n).length).toBeGreaterThan(10)
    expect(landed.filter(({ actual }) => /bad debt [1-9]/.test(actual)).length).toBeGreaterThan(5)
    const refusals = new Set(
      goldens.map(({ actual }) => actual).filter((it) => !/^repaid/.test(it)),
    )
    expect([...refusals].sort()).toEqual([
      'Panic17',
      'Panic18',
      'inconsistent input',
      'max uint128 exceeded',
      'position is healthy',
    ])
  })

  test('behavior: who owes exactly the most is healthy, who owes one more is not', () => {
    expect(liquidate(aCase(160n, 100n), oneUnit)).toBe('position is healthy')
    expect(liquidate(aCase(161n, 100n), oneUnit)).toMatchObject({ seizeRaw: 1n, repayRaw: 2n })
  })

  test('behavior: the value of the collateral is rounded before the threshold is applied', () => {
    // 1.9 of value are one, and four fifths of it nothing.
    const asked = { seizeRaw: raw(0n), repaySharesRaw: raw(1_000_000n) }
    expect(liquidate(aCase(1n, 1n, 19n * 10n ** 35n), asked)).toMatchObject({ repayRaw: 1n })
  })

  test('behavior: a value that does not fit into 256 bits lets no one be liquidated', () => {
    expect(liquidate(aCase(1n, 1n << 127n, 1n << 130n), oneUnit)).toBe('Panic17')
  })

  test.each([
    ['the cap', (3n * WAD) / 10n, 1_150_000_000_000_000_000n],
    ['86 %', (86n * WAD) / 100n, 1_043_841_336_116_910_229n],
    ['94.5 %', (945n * WAD) / 1_000n, 1_016_776_817_488_561_260n],
    ['98 %', (98n * WAD) / 100n, 1_006_036_217_303_822_937n],
  ])('default: the incentive at %s', (_, lltv, factor) => {
    expect(incentiveFactor(wad(lltv))).toBe(factor)
  })
})
