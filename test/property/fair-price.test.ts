import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFairPrices, type FairPriceParams } from '../../monitors/fair-price.ts'
import { aTick, T0, ticksOf } from '../support/a-book.ts'

const venues = ['a', 'b', 'c', 'd', 'e']

const params = (count: number): FairPriceParams => ({
  pairs: venues
    .slice(0, count)
    .map((venue) => ({ venue, pair: 'ETH/USD', asset: 'ETH', quote: 'USD' })),
  maxAgeMs: 10_000,
  maxSpreadBps: 100,
  outlierBps: 100,
  quorum: 2,
})

const fairOf = (prices: readonly number[]) => {
  const fair = createFairPrices(params(prices.length))
  fair.update(ticksOf(prices.map((price, i) => aTick(venues[i]!, 'ETH/USD', price))), T0)
  return fair.latest.get('ETH')!
}

const price = fc.double({ min: 1e-6, max: 1e9, noNaN: true })

describe('fair price', () => {
  test('stands within the sources', () => {
    fc.assert(
      fc.property(fc.array(price, { minLength: 1, maxLength: 5 }), (prices) => {
        const { usd } = fairOf(prices)
        expect(usd).toBeGreaterThanOrEqual(Math.min(...prices) * (1 - 1e-9))
        expect(usd).toBeLessThanOrEqual(Math.max(...prices) * (1 + 1e-9))
      }),
    )
  })

  test('is not moved by one wild source among three that would agree', () => {
    const near = fc.double({ min: 1990, max: 2009, noNaN: true })
    fc.assert(
      fc.property(near, near, price, fc.nat({ max: 2 }), (one, two, wild, where) => {
        const prices = [one, two]
        prices.splice(where, 0, wild)
        const { usd, status } = fairOf(prices)
        expect(status).toBe('ok')
        // The wild one may count while it is within the bound, and moves the median within it at most.
        expect(usd).toBeGreaterThan(1990 * 0.99)
        expect(usd).toBeLessThan(2009 * 1.0101)
      }),
    )
  })

  test('does not depend on the order of the ticks', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(venues, { minLength: 5 }), (order) => {
        const ticks = order.map((venue) => aTick(venue, 'ETH/USD', 2000 + venues.indexOf(venue)))
        const fair = createFairPrices(params(5))
        fair.update(ticksOf(ticks), T0, ticks)
        expect(fair.latest.get('ETH')!.usd).toBeCloseTo(2002, 9)
      }),
    )
  })

  test('is never older than its oldest source allows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20_000 }), { minLength: 3, maxLength: 3 }), (ages) => {
        const fair = createFairPrices(params(3))
        const ticks = ages.map((age, i) => aTick(venues[i]!, 'ETH/USD', 2000, T0 - age))
        fair.update(ticksOf(ticks), T0)
        const fresh = ages.filter((age) => age <= 10_000).length
        const { sources, status } = fair.latest.get('ETH')!
        expect(sources).toBe(fresh)
        expect(status).toBe(fresh >= 2 ? 'ok' : fresh === 1 ? 'degraded' : 'unknown')
      }),
    )
  })
})
