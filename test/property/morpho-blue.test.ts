import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { raw, sec, WAD } from '../../core/units.ts'
import { accrueInterest } from '../../protocols/morpho-blue/accrue.ts'
import { liquidate } from '../../protocols/morpho-blue/liquidate.ts'
import { marketAt } from '../../protocols/morpho-blue/market-at.ts'
import { toSharesDown } from '../../protocols/morpho-blue/shares-math.ts'
import { stateAfter } from '../../protocols/morpho-blue/state-after.ts'
import { aMorphoBook, bob, marketId, NOW } from '../support/a-morpho-book.ts'
import { randomMorpho } from '../support/random-morpho-book.ts'
import { seeded } from '../support/seeded.ts'

const aSeed = fc.integer({ min: 0, max: 2 ** 31 })

describe('the float screen', () => {
  test('misses no account that may be liquidated, by Morpho or before it', () => {
    let [late, early, edge, healthy] = [0, 0, 0, 0]
    fc.assert(
      fc.property(aSeed, (seed) => {
        const { market, positions, view } = randomMorpho(seed, 400)
        const book = aMorphoBook(market)
        const screened = new Set(book.screen(view))
        const missed = positions.filter(({ account }) => {
          const found = book.examine(account, view)
          const healthFactorWad = book.audited(account, view)?.healthFactorWad ?? WAD
          if (Math.abs(Number(healthFactorWad - WAD)) < 1e12) edge += 1
          if (found === undefined) healthy += screened.has(account) ? 0 : 1
          else if (healthFactorWad < WAD) late += 1
          else early += 1
          return (found !== undefined || healthFactorWad < WAD) && !screened.has(account)
        })
        expect(missed).toEqual([])
      }),
      { numRuns: 40 },
    )
    expect(late).toBeGreaterThan(2_000)
    expect(early).toBeGreaterThan(500)
    expect(edge).toBeGreaterThan(1_000)
    expect(healthy).toBeGreaterThan(1_000)
  })
})

describe('a pair', () => {
  test('never repays more than is asked nor seizes more than there is, and never refuses a size below the most', () => {
    const kinds = { liquidate: 0, 'pre-liquidate': 0 }
    fc.assert(
      fc.property(aSeed, (seed) => {
        const random = seeded(seed)
        const { market, positions, view } = randomMorpho(seed, 60)
        const book = aMorphoBook(market)
        const { borrow } = marketAt(market, market.state, view).state
        for (const { account, collateralRaw } of positions) {
          for (const pair of book.examine(account, view)?.pairs ?? []) {
            const most = pair.maxRepayRaw
            expect(pair.seizeOf(most).repayRaw).toBe(most)
            let before = { asked: 0n, seized: 0n }
            const asks = [
              most - 1n,
              (most * BigInt(random.below(1e6))) / 1_000_000n,
              most,
              most + 9n,
            ]
            for (const asked of asks.filter((it) => it > 0n).sort((a, b) => (a < b ? -1 : 1))) {
              const { repayRaw, seizeRaw } = pair.seizeOf(raw(asked))
              const call = pair.callOf!(raw(asked))
              expect(repayRaw <= asked && seizeRaw <= collateralRaw).toBe(true)
              expect(seizeRaw >= before.seized).toBe(true)
              if (pair.callOf!(most)!.kind === 'liquidate') {
                // Morpho refuses nothing but what is less than a share.
                expect(call !== undefined).toBe(
                  asked >= most || toSharesDown(raw(asked), borrow) > 0n,
                )
                kinds.liquidate += 1
              } else if (call !== undefined) kinds['pre-liquidate'] += 1
              before = { asked, seized: seizeRaw }
            }
          }
        }
      }),
      { numRuns: 60 },
    )
    expect(kinds.liquidate).toBeGreaterThan(1_500)
    expect(kinds['pre-liquidate']).toBeGreaterThan(500)
  })
})

describe('the rules', () => {
  test('what a liquidation leaves is what the book makes of its event', () => {
    let landed = 0
    fc.assert(
      fc.property(aSeed, (seed) => {
        const random = seeded(seed)
        const { market, positions, view } = randomMorpho(seed, 40)
        const { state, priceRaw } = marketAt(market, market.state, view)
        for (const holding of positions) {
          const { supply, borrow } = state
          const { borrowSharesRaw, collateralRaw } = holding
          const asked = random.pick([
            { seizeRaw: raw(0n), repaySharesRaw: borrowSharesRaw },
            { seizeRaw: collateralRaw, repaySharesRaw: raw(0n) },
            { seizeRaw: raw(collateralRaw / 2n), repaySharesRaw: raw(0n) },
          ])
          const { lltvWad } = market
          const result = liquidate({ holding, supply, borrow, priceRaw: priceRaw!, lltvWad }, asked)
          if (typeof result === 'string') continue
          landed += 1
          const after = stateAfter(state, {
            type: 'morpho/liquidation',
            market: marketId,
            account: holding.account,
            repaidRaw: result.repayRaw,
            repaidSharesRaw: result.repaySharesRaw,
            seizedRaw: result.seizeRaw,
            badDebtRaw: result.badDebtRaw,
            badDebtSharesRaw: result.badDebtSharesRaw,
            liquidator: bob,
            txHash: '0x',
          })
          expect(after).toEqual({ ...state, supply: result.supply, borrow: result.borrow })
          const { repaySharesRaw, badDebtSharesRaw, seizeRaw } = result
          expect(result.holding).toEqual({
            borrowSharesRaw: borrowSharesRaw - repaySharesRaw - badDebtSharesRaw,
            collateralRaw: collateralRaw - seizeRaw,
          })
        }
      }),
      { numRuns: 60 },
    )
    expect(landed).toBeGreaterThan(300)
  })

  test('interest is owed and earned alike, what an event tells is what the state becomes, and no time changes nothing', () => {
    fc.assert(
      fc.property(aSeed, fc.integer({ min: -50, max: 400 * 86_400 }), (seed, elapsedSec) => {
        const { market } = randomMorpho(seed, 0)
        const accrual = accrueInterest(market.state, 'adaptive-curve', sec(NOW + elapsedSec))
        if (elapsedSec <= 0) {
          expect(accrual.state).toBe(market.state)
          return
        }
        const { interestRaw, feeSharesRaw, state } = accrual
        const rate = stateAfter(market.state, {
          type: 'morpho/rate',
          market: marketId,
          rateAtTargetWad: state.rateAtTargetWad,
        })
        const told = stateAfter(rate, {
          type: 'morpho/accrue',
          market: marketId,
          interestRaw,
          feeSharesRaw,
          updatedSec: sec(NOW + elapsedSec),
        })
        expect(told).toEqual(state)
        expect(state.supply.assetsRaw - market.state.supply.assetsRaw).toBe(interestRaw)
      }),
    )
  })
})
