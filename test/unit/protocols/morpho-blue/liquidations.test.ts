import { describe, expect, test } from 'vitest'
import { WAD, wad } from '../../../../core/units.ts'
import { incentiveFactor, liquidate } from '../../../../protocols/morpho-blue/liquidate.ts'
import { readGoldenLiquidations } from '../../../support/golden-liquidations.ts'
import { predictedOf } from '../../../support/morpho-words.ts'

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

  test.each([
    ['the cap', (3n * WAD) / 10n, 1_150_000_000_000_000_000n],
    ['86 %', (86n * WAD) / 100n, 1_043_841_336_116_910_229n],
    ['94.5 %', (945n * WAD) / 1_000n, 1_016_776_817_488_561_260n],
    ['98 %', (98n * WAD) / 100n, 1_006_036_217_303_822_937n],
  ])('default: the incentive at %s', (_, lltv, factor) => {
    expect(incentiveFactor(wad(lltv))).toBe(factor)
  })
})
