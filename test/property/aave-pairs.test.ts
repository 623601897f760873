import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base, raw } from '../../core/units.ts'
import type { PriceView } from '../../protocols/protocol.ts'
import { anAaveBook } from '../support/an-aave-book.ts'
import { randomAaveBook } from '../support/random-aave-book.ts'
import { seeded } from '../support/seeded.ts'

const aSeed = fc.integer({ min: 0, max: 2 ** 31 })

const liquidatable = (seed: number) => {
  const { market, view, accounts, changes } = randomAaveBook(seed, { count: 200 })
  const book = anAaveBook(market, changes)
  const found = accounts.flatMap(({ account }) => book.examine(account, view) ?? [])
  return { market, view, accounts, book, pairs: found.flatMap(({ pairs }) => pairs) }
}

describe('pairs of liquidatable accounts', () => {
  test('the most that may be repaid is repaid when it is asked for, and no more is when more is', () => {
    let checked = 0
    fc.assert(
      fc.property(aSeed, (seed) => {
        for (const { maxRepayRaw, seizeOf } of liquidatable(seed).pairs) {
          checked += 1
          expect(seizeOf(maxRepayRaw).repayRaw).toBe(maxRepayRaw)
          expect(seizeOf(maxRepayRaw).seizeRaw).toBeGreaterThan(0n)
          expect(seizeOf(raw(2n ** 200n)).repayRaw).toBe(maxRepayRaw)
        }
      }),
      { numRuns: 40 },
    )
    expect(checked).toBeGreaterThan(1_000)
  })

  test('who repays less never gets more, nor repays more than was asked', () => {
    fc.assert(
      fc.property(aSeed, (seed) => {
        const random = seeded(seed)
        for (const { maxRepayRaw, seizeOf } of liquidatable(seed).pairs) {
          const share = BigInt(random.below(1_000_001))
          const asked = raw((maxRepayRaw * share) / 1_000_000n)
          const part = seizeOf(asked)
          expect(part.repayRaw <= asked).toBe(true)
          expect(part.seizeRaw <= seizeOf(maxRepayRaw).seizeRaw).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('no account gains health when every price of its collateral falls and none of its debt does', () => {
    fc.assert(
      fc.property(aSeed, (seed) => {
        const { market, view, accounts, book } = liquidatable(seed)
        for (const { account, category, legs } of accounts) {
          // One collateral, not owed: a mix may gain by the flooring of its average threshold.
          const held = legs.filter(({ collateral, suppliedRaw }) => collateral && suppliedRaw > 0n)
          const [one] = held
          if (category !== 0 || held.length !== 1 || one === undefined || one.owedRaw > 0n) continue
          const { aggregator } = market.reserves[one.n]!
          const fallen: PriceView = {
            timestampSec: view.timestampSec,
            priceOf: (feed) => {
              const priceBase = view.priceOf(feed)
              return priceBase !== undefined && feed === aggregator
                ? base(priceBase / 2n + 1n)
                : priceBase
            },
          }
          const before = book.audited(account, view)
          const after = book.audited(account, fallen)
          if (before === undefined || after === undefined) continue
          expect(after.healthFactorWad <= before.healthFactorWad).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })
})
