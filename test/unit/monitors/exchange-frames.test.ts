import { describe, expect, test } from 'vitest'
import { binance } from '../../../monitors/sources/binance.ts'
import { coinbase } from '../../../monitors/sources/coinbase.ts'
import { kraken } from '../../../monitors/sources/kraken.ts'
import type { VenueAdapter } from '../../../monitors/sources/venue-adapter.ts'

const frame = (value: unknown): string => JSON.stringify(value)

const aBookTicker = (over: object = {}) => ({
  u: 400900217,
  s: 'ETHUSDT',
  b: '1705.35190000',
  B: '31.21000000',
  a: '1705.36520000',
  A: '40.66000000',
  ...over,
})

const aCoinbaseTicker = (over: object = {}) => ({
  type: 'ticker',
  sequence: 37475248783,
  product_id: 'ETH-USD',
  price: '1705.22',
  best_bid: '1705.04',
  best_bid_size: '0.46688654',
  best_ask: '1705.27',
  best_ask_size: '1.56637040',
  time: '2023-08-17T21:38:22.061769Z',
  ...over,
})

const aKrakenTicker = (over: object = {}, type = 'update') => ({
  channel: 'ticker',
  type,
  data: [
    {
      symbol: 'ETH/USD',
      bid: 1705.1,
      bid_qty: 7.4,
      ask: 1705.2,
      ask_qty: 7,
      last: 1705.2,
      ...over,
    },
  ],
})

/** A quote of each venue with these bid and ask, in the venue's own shape. */
const venues: readonly (readonly [VenueAdapter, string, (bid: unknown, ask: unknown) => string])[] =
  [
    [binance, 'ETHUSDT', (b, a) => frame(aBookTicker({ b, a }))],
    [coinbase, 'ETH-USD', (bid, ask) => frame(aCoinbaseTicker({ best_bid: bid, best_ask: ask }))],
    [kraken, 'ETH/USD', (bid, ask) => frame(aKrakenTicker({ bid, ask }))],
  ]

describe.each(venues)('$venue values', (adapter, symbol, quoted) => {
  const read = (text: string) => adapter.parse(text, new Set([symbol]))

  test('default', () => {
    const { quotes, faults, alive } = read(quoted('1705.04', 1705.27))
    expect(quotes).toMatchObject([{ symbol, bid: 1705.04, ask: 1705.27 }])
    expect(faults).toEqual([])
    expect(alive).toBe(true)
  })

  test.each([
    ['NaN', '1705', 'not-a-number'],
    ['', '1705', 'not-a-number'],
    ['  ', '1705', 'not-a-number'],
    [null, '1705', 'not-a-number'],
    [undefined, '1705', 'not-a-number'],
    [['1705'], '1706', 'not-a-number'],
    [true, '1706', 'not-a-number'],
    ['1705,04', '1706', 'not-a-number'],
    ['1705', 'Infinity', 'out-of-range'],
    ['-1705', '1705', 'not-positive'],
    ['0', '1705', 'not-positive'],
    ['1705', '0', 'not-positive'],
    ['1705', '1e308', 'out-of-range'],
    ['1e-300', '1705', 'out-of-range'],
    ['1705.3', '1705.2', 'crossed'],
  ])('behavior: bid %j and ask %j are refused as %s', (bid, ask, fault) => {
    expect(read(quoted(bid, ask))).toMatchObject({ quotes: [], faults: [fault], alive: false })
  })

  test('behavior: a symbol that we did not ask for is refused', () => {
    expect(adapter.parse(quoted(1, 2), new Set(['BTCUSDT']))).toMatchObject({
      quotes: [],
      faults: ['unknown-symbol'],
    })
  })

  test.each([
    ['nothing', '', 'not-json'],
    ['a torn object', '{', 'not-json'],
    ['a bare NaN', '{"b":NaN}', 'not-json'],
    ['200,000 open brackets', '['.repeat(200_000), 'not-json'],
    ['null', 'null', 'malformed'],
    ['an array', '[]', 'malformed'],
    ['a number', '7', 'malformed'],
    ['a text', '"ping"', 'malformed'],
    ['an empty object', '{}', 'malformed'],
    ['another channel', '{"type":"l2update"}', 'malformed'],
    ['100,000 nested arrays', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'malformed'],
  ])('behavior: %s is refused', (_what, text, fault) => {
    expect(read(text)).toMatchObject({ quotes: [], faults: [fault], alive: false })
  })
})

describe('binance', () => {
  const symbols = new Set(['ETHUSDT', 'USDCUSDT'])

  test('subscribe', () => {
    expect(binance.subscribe([...symbols])).toEqual([
      '{"method":"SUBSCRIBE","params":["ethusdt@bookTicker","usdcusdt@bookTicker"],"id":1}',
    ])
  })

  test('behavior: raw and combined payloads read the same', () => {
    const raw = binance.parse(frame(aBookTicker()), symbols)
    const combined = { stream: 'ethusdt@bookTicker', data: aBookTicker() }
    expect(binance.parse(frame(combined), symbols)).toEqual(raw)
    expect(raw.quotes).toEqual([
      { symbol: 'ETHUSDT', bid: 1705.3519, ask: 1705.3652, sequence: 400900217 },
    ])
  })

  test('behavior: an acknowledgement is a sign of life, an error is the venue refusing', () => {
    expect(binance.parse('{"result":null,"id":1}', symbols)).toMatchObject({ alive: true })
    const refusal = binance.parse('{"code":2,"msg":"Invalid request","id":1}', symbols)
    expect(refusal).toMatchObject({ faults: ['refused-by-venue'], detail: 'Invalid request' })
  })

  test('behavior: a missing or fractional update id leaves the quote without sequence', () => {
    const [quote] = binance.parse(frame(aBookTicker({ u: 1.5 })), symbols).quotes
    expect(quote).not.toHaveProperty('sequence')
  })
})

describe('coinbase', () => {
  const symbols = new Set(['ETH-USD'])

  test('subscribe', () => {
    expect(coinbase.subscribe(['ETH-USD', 'BTC-USD'])).toEqual([
      '{"type":"subscribe","product_ids":["ETH-USD","BTC-USD"],"channels":["ticker","heartbeat"]}',
    ])
  })

  test('behavior: heartbeat and acknowledgement are signs of life', () => {
    for (const type of ['heartbeat', 'subscriptions'])
      expect(coinbase.parse(frame({ type }), symbols)).toMatchObject({ quotes: [], alive: true })
  })

  test('behavior: a refused subscription keeps the venue’s words', () => {
    const error = {
      type: 'error',
      message: 'Failed to subscribe',
      reason: 'FOO-USD is not a valid product',
    }
    expect(coinbase.parse(frame(error), symbols)).toMatchObject({
      faults: ['refused-by-venue'],
      detail: 'Failed to subscribe: FOO-USD is not a valid product',
    })
  })
})

describe('kraken', () => {
  const symbols = new Set(['ETH/USD', 'USDT/USD'])

  test('subscribe', () => {
    expect(kraken.subscribe(['ETH/USD'])).toEqual([
      '{"method":"subscribe","params":{"channel":"ticker","symbol":["ETH/USD"],"event_trigger":"bbo","snapshot":true},"req_id":1}',
    ])
  })

  test('behavior: a snapshot reads as an update does', () => {
    expect(kraken.parse(frame(aKrakenTicker({}, 'snapshot')), symbols)).toEqual(
      kraken.parse(frame(aKrakenTicker()), symbols),
    )
  })

  test('behavior: one bad entry of a frame does not take the others with it', () => {
    const data = [
      { symbol: 'ETH/USD', bid: 1705, ask: 1706 },
      { symbol: 'USDT/USD', bid: 0, ask: 1 },
      'ETH/USD',
      { symbol: 'USDT/USD', bid: 0.9991, ask: 0.9993 },
    ]
    const reading = kraken.parse(frame({ channel: 'ticker', type: 'update', data }), symbols)
    expect(reading.quotes.map(({ symbol }) => symbol)).toEqual(['ETH/USD', 'USDT/USD'])
    expect(reading.faults).toEqual(['not-positive', 'malformed'])
  })

  test('behavior: status, heartbeat, pong and acknowledgement are signs of life', () => {
    for (const message of [
      { channel: 'status', type: 'update', data: [{ system: 'online' }] },
      { channel: 'heartbeat' },
      { method: 'pong', req_id: 1 },
      { method: 'subscribe', success: true, result: { symbol: 'ETH/USD' } },
    ])
      expect(kraken.parse(frame(message), symbols)).toMatchObject({ faults: [], alive: true })
  })

  test('behavior: a refused pair keeps the venue’s words', () => {
    const error = 'Currency pair not supported FOO/USD'
    expect(
      kraken.parse(frame({ method: 'subscribe', success: false, error }), symbols),
    ).toMatchObject({ faults: ['refused-by-venue'], detail: error })
  })
})
