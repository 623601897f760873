import { describe, expect, test } from 'vitest'
import type { Tick } from '../../../core/types/price.ts'
import { createFairPrices, type FairPriceParams } from '../../../monitors/fair-price.ts'
import { type PricedPair, priceOrder } from '../../../monitors/price-order.ts'
import { aTick, T0, ticksOf } from '../../support/a-book.ts'

const aPair = (venue: string, asset: string, quote: string): PricedPair => ({
  venue,
  pair: `${asset}/${quote}`,
  asset,
  quote,
})

const pairs = [
  aPair('binance', 'ETH', 'USDT'),
  aPair('coinbase', 'ETH', 'USD'),
  aPair('kraken', 'ETH', 'USD'),
  aPair('coinbase', 'USDT', 'USD'),
  aPair('kraken', 'USDT', 'USD'),
  aPair('kraken', 'USDC', 'USD'),
  aPair('binance', 'USDC', 'USDT'),
]

const params: FairPriceParams = {
  pairs,
  maxAgeMs: 10_000,
  maxSpreadBps: 100,
  outlierBps: 100,
  quorum: 2,
}

const calm = [
  aTick('binance', 'ETH/USDT', 2002),
  aTick('coinbase', 'ETH/USD', 2000.2),
  aTick('kraken', 'ETH/USD', 1999.8),
  aTick('coinbase', 'USDT/USD', 0.999),
  aTick('kraken', 'USDT/USD', 0.999),
]

const priceOf = (asset: string, ticks: readonly Tick[], nowMs = T0, with_ = params) => {
  const prices = createFairPrices(with_)
  prices.update(ticksOf(ticks), nowMs)
  return prices.latest.get(asset)!
}

const without = (...gone: readonly string[]): readonly Tick[] =>
  calm.filter(({ venue, pair }) => !gone.includes(`${venue}:${pair}`))

describe('createFairPrices', () => {
  test('default: the median of three, in dollars', () => {
    expect(priceOf('ETH', calm)).toMatchInlineSnapshot(`
      {
        "asset": "ETH",
        "atMs": 1700000000000,
        "confidenceBps": 1.0000500033349746,
        "sources": 3,
        "status": "ok",
        "usd": 1999.9980000000003,
      }
    `)
  })

  test('behavior: a quote in USDT counts at what USDT is worth, not at one', () => {
    const depegged = calm.map((tick) =>
      tick.pair === 'USDT/USD' ? aTick(tick.venue, tick.pair, 0.95) : tick,
    )
    const binance = without('coinbase:ETH/USD', 'kraken:ETH/USD')
    expect(priceOf('ETH', binance).usd).toBeCloseTo(2002 * 0.999, 6)
    expect(priceOf('ETH', depegged).usd).toBeCloseTo(2000, 6)
    expect(priceOf('ETH', depegged).sources).toBe(2)
  })

  test('behavior: while USDT has no price, what is quoted in it counts for nothing', () => {
    const ticks = without('coinbase:USDT/USD', 'kraken:USDT/USD')
    expect(priceOf('ETH', ticks)).toMatchObject({ status: 'ok', sources: 2 })
    expect(priceOf('ETH', ticks.slice(0, 1))).toMatchObject({ status: 'unknown', usd: Number.NaN })
  })

  test('behavior: a coin is priced through another coin when that has a price', () => {
    const ticks = [...calm, aTick('binance', 'USDC/USDT', 1.001), aTick('kraken', 'USDC/USD', 1)]
    expect(priceOf('USDC', ticks)).toMatchObject({ status: 'ok', sources: 2 })
    expect(priceOf('USDC', ticks).usd).toBeCloseTo(1, 4)
  })

  test.each([
    ['stale', aTick('kraken', 'ETH/USD', 1999.8, T0 - 10_001)],
    ['from the far future', aTick('kraken', 'ETH/USD', 1999.8, T0 + 10_001)],
    ['crossed', { ...aTick('kraken', 'ETH/USD', 2000), bid: 2001, ask: 1999 }],
    ['too wide', { ...aTick('kraken', 'ETH/USD', 2000), bid: 1980, ask: 2020 }],
    ['negative', { ...aTick('kraken', 'ETH/USD', 2000), bid: -2, ask: -1 }],
    ['no number', { ...aTick('kraken', 'ETH/USD', 2000), bid: Number.NaN }],
    ['infinite', { ...aTick('kraken', 'ETH/USD', 2000), ask: Number.POSITIVE_INFINITY }],
  ])('behavior: a %s quote is no source', (_, tick) => {
    const ticks = [...without('kraken:ETH/USD'), tick]
    expect(priceOf('ETH', ticks)).toMatchObject({ status: 'ok', sources: 2 })
  })

  test('behavior: of three one far off is left out and moves nothing', () => {
    const ticks = [...without('kraken:ETH/USD'), aTick('kraken', 'ETH/USD', 1400)]
    expect(priceOf('ETH', ticks)).toMatchObject({ status: 'ok', sources: 2 })
    expect(priceOf('ETH', ticks).usd).toBeCloseTo(2000.1, 1)
  })

  test('behavior: of two far apart neither is believed', () => {
    const ticks = [aTick('coinbase', 'ETH/USD', 2000), aTick('kraken', 'ETH/USD', 1900)]
    expect(priceOf('ETH', ticks)).toMatchObject({ status: 'degraded', sources: 2, usd: 1950 })
  })

  test('behavior: three that all disagree, and two camps of two, are degraded', () => {
    const three = [
      aTick('coinbase', 'ETH/USD', 2000),
      aTick('kraken', 'ETH/USD', 1900),
      aTick('binance', 'ETH/USDT', 2100),
      ...calm.slice(3),
    ]
    expect(priceOf('ETH', three)).toMatchObject({ status: 'degraded', sources: 1, usd: 2000 })
    const four = { ...params, pairs: [...pairs, aPair('okx', 'ETH', 'USD')] }
    const camps = [
      ...three.slice(0, 2),
      aTick('okx', 'ETH/USD', 1900),
      aTick('binance', 'ETH/USDT', 2002),
      ...calm.slice(3),
    ]
    expect(priceOf('ETH', camps, T0, four)).toMatchObject({ status: 'degraded', sources: 4 })
  })

  test('behavior: one source alone is degraded, none is unknown', () => {
    expect(priceOf('ETH', calm.slice(1, 2))).toMatchObject({ status: 'degraded', sources: 1 })
    expect(priceOf('ETH', calm.slice(1, 2)).usd).toBeCloseTo(2000.2, 6)
    expect(priceOf('ETH', [])).toMatchObject({ status: 'unknown', sources: 0, usd: Number.NaN })
  })

  test('behavior: two markets of one venue are one source', () => {
    const twice = { ...params, pairs: [...pairs, aPair('coinbase', 'ETH', 'USDT')] }
    const ticks = [...calm.slice(1, 2), aTick('coinbase', 'ETH/USDT', 2002), ...calm.slice(3)]
    expect(priceOf('ETH', ticks, T0, twice)).toMatchObject({ status: 'degraded', sources: 1 })
  })

  test('behavior: a tick prices what it touches and what is quoted in it, nothing else', () => {
    const prices = createFairPrices(params)
    const ticks = ticksOf(calm)
    expect(prices.update(ticks, T0)).toEqual(['USDT', 'ETH', 'USDC'])
    expect(prices.update(ticks, T0, [calm[1]!])).toEqual(['ETH'])
    expect(prices.update(ticks, T0, [calm[3]!])).toEqual(['USDT', 'ETH', 'USDC'])
    expect(prices.update(ticks, T0, [aTick('nobody', 'ETH/USD', 1)])).toEqual([])
  })
})

describe('priceOrder', () => {
  test('default: rates before what is quoted in them', () => {
    expect(priceOrder(pairs).map(({ asset }) => asset)).toEqual(['USDT', 'ETH', 'USDC'])
  })

  test('behavior: currencies quoted in one another begin with the one that has a market in dollars', () => {
    const circle = [
      aPair('binance', 'DAI', 'USDT'),
      aPair('binance', 'USDT', 'DAI'),
      aPair('kraken', 'USDT', 'USD'),
    ]
    expect(priceOrder(circle)).toEqual([
      { asset: 'USDT', pairs: [circle[2]] },
      { asset: 'DAI', pairs: [circle[0]] },
    ])
  })

  test('behavior: a quote that nothing prices leaves an asset without pairs', () => {
    expect(priceOrder([aPair('binance', 'ETH', 'EUR')])).toEqual([{ asset: 'ETH', pairs: [] }])
  })
})
