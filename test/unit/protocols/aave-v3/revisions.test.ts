import { describe, expect, test } from 'vitest'
import { raw } from '../../../../core/units.ts'
import {
  largestWithoutDust,
  liquidationCall33,
  maxLiquidatableDebt33,
} from '../../../../protocols/aave-v3/liquidation-33.ts'
import {
  type AccountVector,
  caseOf,
  expectedOf,
  type IndexVector,
  isOurs,
  type LiquidationVector,
  ourAccount,
  ourIndexes,
  ourLiquidation,
  readGoldenRevision,
  revisions,
  roundingOf,
  screenedAndJudged,
} from '../../../support/aave-revisions.ts'
import { readAaveVectors, skippedWithout } from '../../../support/aave-vectors.ts'

describe.each(revisions)('revision %i, goldens', (revision) => {
  const rounding = roundingOf(revision)
  const { account, index, liquidation } = readGoldenRevision(revision)

  test('accounts, indexes and calls are as the genuine contracts made them', () => {
    expect(Math.min(account.length, index.length, liquidation.length)).toBeGreaterThanOrEqual(40)
    for (const it of account) {
      const { availableBorrowsBase: _, ltv: __, ...expected } = it.expect
      expect(ourAccount(it, rounding), `account ${it.n}`).toEqual(expected)
    }
    for (const it of index) expect(ourIndexes(it, rounding), `index ${it.n}`).toEqual(it.expect)
    for (const it of liquidation)
      expect(ourLiquidation(it, rounding), `call ${it.n} ${it.tag}`).toEqual(expectedOf(it))
  })

  test('the screen misses nobody whom the rules call liquidatable', () => {
    let found = 0
    for (const it of [...account, ...liquidation]) {
      const [screened, judged] = screenedAndJudged(it, rounding)
      if (judged) expect(screened, `${it.n}`).toBe(true)
      found += judged ? 1 : 0
    }
    expect(found).toBeGreaterThan(20)
  })

  test('the largest repayment without dust is legal, and none above it but what leaves nothing', () => {
    let limited = 0
    for (const it of liquidation) {
      const asked = caseOf(it, rounding)
      const call = (cover: bigint) => liquidationCall33(asked, rounding, raw(cover))
      const most = maxLiquidatableDebt33(asked, rounding)
      if (typeof call(most) === 'string' && call(most) !== 'MustNotLeaveDust') continue
      const edge = largestWithoutDust(asked, rounding)
      if (edge > 0n) expect(call(edge), `${it.n} at the edge`).not.toBe('MustNotLeaveDust')
      if (call(most) !== 'MustNotLeaveDust') continue
      limited++
      for (let probe = 1n; probe <= 24n; probe++) {
        const above = edge + ((most - edge) * probe) / 24n
        if (above > edge && above > 0n)
          expect(call(above), `${it.n} above`).toBe('MustNotLeaveDust')
      }
      expect(call(edge + 1n), `${it.n} one above`).toBe('MustNotLeaveDust')
    }
    expect(limited).toBeGreaterThan(0)
  })
})

describe.each(revisions)('revision %i, every shared vector', (revision) => {
  const rounding = roundingOf(revision)

  const accounts = readAaveVectors<AccountVector>(`aave_r${revision}_account`)
  test.skipIf(accounts === undefined)(`accounts${skippedWithout(accounts)}`, () => {
    for (const it of accounts!) {
      const { availableBorrowsBase: _, ltv: __, ...expected } = it.expect
      expect(ourAccount(it, rounding), `account ${it.n}`).toEqual(expected)
    }
  })

  const indexes = readAaveVectors<IndexVector>(`aave_r${revision}_index`)
  test.skipIf(indexes === undefined)(`indexes${skippedWithout(indexes)}`, () => {
    for (const it of indexes!) expect(ourIndexes(it, rounding), `index ${it.n}`).toEqual(it.expect)
  })

  const liquidations = readAaveVectors<LiquidationVector>(`aave_r${revision}_liquidation`)
  test.skipIf(liquidations === undefined)(`liquidations${skippedWithout(liquidations)}`, () => {
    const ours = liquidations!.filter(isOurs)
    expect(ours.length).toBeGreaterThan(280)
    for (const it of ours)
      expect(ourLiquidation(it, rounding), `call ${it.n} ${it.tag}`).toEqual(expectedOf(it))
  })
})
