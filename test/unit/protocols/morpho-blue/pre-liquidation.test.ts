import { describe, expect, test } from 'vitest'
import type { MorphoChange } from '../../../../core/types/change.ts'
import { raw, WAD, wad } from '../../../../core/units.ts'
import {
  aHead,
  alice,
  aMorphoBook,
  aMorphoMarket,
  aPosition,
  aPreLiquidation,
  aView,
  contract,
  feed,
  PAR,
  preFeed,
} from '../../../support/a-morpho-book.ts'

/** 79 % of the value at par is borrowed: between the thresholds of 70 and 80 %. */
const position = aPosition(alice, 790_000_000n * 1_000_000n, 1_000_000_000n)
const at = (percent: bigint) =>
  aView({ [feed]: (PAR * percent) / 100n, [preFeed]: (PAR * percent) / 100n })

const authorize = (enabled: boolean): MorphoChange => ({
  type: 'morpho/authorization',
  account: alice,
  authorized: contract,
  enabled,
})

describe('pre-liquidation', () => {
  const early = aMorphoMarket({
    positions: [position],
    preLiquidations: [aPreLiquidation()],
  })

  test('default: a contract that may act for the account closes a part of it above the threshold', () => {
    const book = aMorphoBook(early)
    expect(book.examine(alice, at(100n))).toBeUndefined()
    book.apply({ type: 'block', head: aHead(111), changes: [authorize(true)] })
    expect(book.screen(at(100n))).toEqual([alice])
    const { healthFactorWad, pairs } = book.examine(alice, at(100n))!
    expect(healthFactorWad).toBeGreaterThan(WAD)
    const [pair] = pairs
    // At 79 % of the way from 70 to 80 %: nine tenths of the way up both lines.
    expect(pair!.maxRepayRaw).toBe((790_000_000n * 91n) / 100n)
    expect(pair!.bonusBps).toBe(10_460)
    expect(pair!.callOf!(pair!.maxRepayRaw)).toMatchObject({
      kind: 'pre-liquidate',
      target: contract,
      seizeRaw: 0n,
    })
    book.apply({ type: 'block', head: aHead(112), changes: [authorize(false)] })
    expect(book.examine(alice, at(100n))).toBeUndefined()
  })

  test('behavior: below the threshold there is Morpho alone, above the window nothing', () => {
    const book = aMorphoBook(early, [authorize(true)])
    expect(book.examine(alice, at(98n))!.pairs).toHaveLength(1)
    expect(book.examine(alice, at(98n))!.pairs[0]!.callOf!(raw(1_000n))!.kind).toBe('liquidate')
    expect(book.examine(alice, at(120n))).toBeUndefined()
    expect(book.screen(at(120n))).toEqual([])
  })

  test('behavior: the window is open above its lower threshold and up to the upper one', () => {
    // 700,000,000 and 800,000,000 of 1,000,000,000 are the thresholds.
    const owing = (owed: bigint, fields = {}) => {
      const held = aPosition(alice, owed * 1_000_000n, 1_000_000_000n, [contract])
      const preLiquidations = [aPreLiquidation(fields)]
      return aMorphoBook(aMorphoMarket({ positions: [held], preLiquidations }))
    }
    const most = (owed: bigint, fields = {}) =>
      owing(owed, fields)
        .examine(alice, at(100n))
        ?.pairs.map(({ maxRepayRaw }) => maxRepayRaw)
    expect(most(700_000_000n)).toBeUndefined()
    expect(most(700_000_001n)).toHaveLength(1)
    expect(most(800_000_000n)).toEqual([800_000_000n])
    const double = { closeFactor1Wad: WAD, closeFactor2Wad: wad(2n * WAD) }
    expect(most(780_000_000n, double)).toEqual([780_000_000n])
    expect(
      owing(780_000_000n, double).examine(alice, at(100n))!.pairs[0]!.callOf!(raw(10n ** 30n)),
    ).toMatchObject({ repaySharesRaw: 780_000_000n * 1_000_000n, seizeRaw: 0n })
  })

  test('behavior: one whose own oracle is silent or not understood does nothing', () => {
    const book = aMorphoBook(early, [authorize(true)])
    expect(book.examine(alice, aView({ [feed]: PAR }))).toBeUndefined()
    const oracle = { kind: 'unknown', address: preFeed } as const
    const blind = aMorphoBook(
      aMorphoMarket({ positions: [position], preLiquidations: [aPreLiquidation({ oracle })] }),
      [authorize(true)],
    )
    expect(blind.examine(alice, at(100n))).toBeUndefined()
  })
})
