import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WAD } from '../../core/units.ts'
import { anAaveBook, borrowed, enabled, supplied } from '../support/an-aave-book.ts'
import { randomAaveBook } from '../support/random-aave-book.ts'
import { seeded } from '../support/seeded.ts'

const aSeed = fc.integer({ min: 0, max: 2 ** 31 })

describe('the float screen', () => {
  test('misses no account whose health factor is below one, nor any that may be liquidated', () => {
    let liquidatable = 0
    let edge = 0
    fc.assert(
      fc.property(aSeed, (seed) => {
        const { market, view, accounts, changes } = randomAaveBook(seed, { count: 1_500 })
        const book = anAaveBook(market, changes)
        const screened = new Set(book.screen(view))
        const missed = accounts.filter(({ account }) => {
          const healthFactorWad = book.audited(account, view)?.healthFactorWad
          if (healthFactorWad === undefined) return false
          const gap = Number(healthFactorWad - WAD) / 1e18
          if (Math.abs(gap) < 1e-6) edge += 1
          const falls = healthFactorWad < WAD
          const taken = book.examine(account, view) !== undefined
          if (taken) liquidatable += 1
          return (falls || taken) && !screened.has(account)
        })
        expect(missed).toEqual([])
      }),
      { numRuns: 25 },
    )
    expect(liquidatable).toBeGreaterThan(5_000)
    expect(edge).toBeGreaterThan(3_000)
  })

  test('lets through hardly more than it must', () => {
    fc.assert(
      fc.property(aSeed, (seed) => {
        const { market, view, accounts, changes } = randomAaveBook(seed, {
          count: 1_000,
          ordinary: true,
        })
        const book = anAaveBook(market, changes)
        const screened = new Set<string>(book.screen(view))
        const needless = accounts.filter(({ account }) => {
          const audited = book.audited(account, view)
          if (audited === undefined || audited.debtBase < 10n ** 10n) return false
          // Each threshold may lose one basis point, which is most where thresholds are low.
          const { collateralBase, debtBase, healthFactorWad } = audited
          const marginWad = WAD + (collateralBase * WAD * 2n) / (debtBase * 10_000n)
          return healthFactorWad > marginWad && screened.has(account)
        })
        expect(needless).toEqual([])
      }),
      { numRuns: 15 },
    )
  })

  test('finds the same after many small changes as after one', () => {
    fc.assert(
      fc.property(aSeed, (seed) => {
        const random = seeded(seed)
        const { market, view, accounts, changes } = randomAaveBook(seed, { count: 300 })
        const small = anAaveBook(market)
        const moves = accounts.flatMap(({ account }) => {
          const n = random.below(40)
          const amount = BigInt(1 + random.below(2 ** 31))
          return [
            supplied(account, n, amount),
            enabled(account, n),
            borrowed(account, n, amount),
            borrowed(account, n, -amount),
            enabled(account, n, false),
            supplied(account, n, -amount),
          ]
        })
        for (let at = 0; at < moves.length; at += 100) {
          small.apply({
            type: 'history',
            fromBlock: at,
            toBlock: at,
            changes: moves.slice(at, at + 100),
          })
          small.screen(view)
        }
        small.apply({ type: 'history', fromBlock: 0, toBlock: 0, changes })
        const whole = anAaveBook(market, changes)
        expect([...small.screen(view)].sort()).toEqual([...whole.screen(view)].sort())
      }),
      { numRuns: 10 },
    )
  })
})
