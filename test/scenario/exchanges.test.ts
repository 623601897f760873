import { describe, expect, test } from 'vitest'
import { aScenario } from '../support/a-scenario.ts'
import { eventually } from '../support/a-websocket-server.ts'
import { aClient, openExchanges } from '../support/an-exchange.ts'

describe('binance', () => {
  test('default: acknowledges, then sends book tickers', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.binance)
    client.say({ method: 'SUBSCRIBE', params: ['ethusdt@bookTicker'], id: 1 })
    await client.next((message) => 'u' in message)
    expect(client.messages[0]).toEqual({ result: null, id: 1 })
    expect(client.messages[1]).toEqual({
      u: expect.any(Number),
      s: 'ETHUSDT',
      b: expect.stringMatching(/^\d+\.\d{8}$/),
      B: expect.stringMatching(/^\d+\.\d{8}$/),
      a: expect.stringMatching(/^\d+\.\d{8}$/),
      A: expect.stringMatching(/^\d+\.\d{8}$/),
    })
    client.say({ method: 'LIST_SUBSCRIPTIONS', id: 'list' })
    expect(await client.next(({ id }) => id === 'list')).toEqual({
      result: ['ethusdt@bookTicker'],
      id: 'list',
    })
  })

  test('behavior: combined streams by address wrap the payload', async () => {
    const { exchanges } = await openExchanges()
    const base = exchanges.urls.binance.replace(/\/ws$/, '')
    const client = await aClient(`${base}/stream?streams=ethusdt@bookTicker/btcusdt@bookTicker`)
    const { stream, data } = await client.next(({ stream }) => stream === 'btcusdt@bookTicker')
    expect({ stream, data }).toMatchObject({ data: { s: 'BTCUSDT' } })
    const raw = await aClient(`${base}/ws/ethusdt@bookTicker`)
    expect(await raw.next(() => true)).toMatchObject({ s: 'ETHUSDT' })
  })

  test('behavior: what it cannot read is answered with an error frame', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.binance)
    client.say('{')
    client.say({ id: 2 })
    client.say({ method: 'SUBSCRIBE', params: ['ethusdt@bookTicker'], id: -1.5 })
    await eventually(() => client.messages.length === 3, 'three errors')
    expect(client.messages).toMatchObject([
      { code: 3, msg: expect.stringContaining('Invalid JSON') },
      { code: 2, msg: expect.stringContaining('missing field `method`') },
      { code: 2, msg: 'Invalid request: request ID must be an unsigned integer' },
    ])
  })

  test('behavior: hangs up on a client that talks too much', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.binance)
    for (let id = 1; id <= 6; id++) client.say({ method: 'LIST_SUBSCRIPTIONS', id })
    await eventually(() => client.closed() !== undefined, 'the hang-up')
    expect(client.closed()).toBe(1008)
  })

  test('behavior: quotes in tether, whose own price is in the quote', async () => {
    const half = { USDT: { usd: [[0, 0.5]] as [number, number][], exchanges: {} } }
    const base = aScenario()
    const { exchanges } = await openExchanges(
      aScenario({ prices: { ...base.prices, ...half } }),
      true,
    )
    const client = await aClient(exchanges.urls.binance)
    client.say({ method: 'SUBSCRIBE', params: ['ethusdt@bookTicker'], id: 1 })
    const { b } = await client.next((message) => 'u' in message)
    expect(Math.abs(Number(b) / (1705.1 / 0.5) - 1)).toBeLessThan(0.001)
  })
})

describe('coinbase', () => {
  test('default: a ticker at once, acknowledged with its channels, and heartbeats', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.coinbase)
    client.say({
      type: 'subscribe',
      product_ids: ['ETH-USD', 'USDT-USD'],
      channels: ['ticker', { name: 'heartbeat', product_ids: ['ETH-USD'] }],
    })
    await client.next(({ type }) => type === 'heartbeat')
    expect(client.messages[0]).toEqual({
      type: 'subscriptions',
      channels: [
        { name: 'ticker', product_ids: ['ETH-USD', 'USDT-USD'], account_ids: null },
        { name: 'heartbeat', product_ids: ['ETH-USD'], account_ids: null },
      ],
    })
    expect(client.messages[1]).toEqual({
      type: 'ticker',
      sequence: expect.any(Number),
      product_id: 'ETH-USD',
      price: expect.stringMatching(/^\d+\.\d{2}$/),
      open_24h: expect.any(String),
      volume_24h: expect.any(String),
      low_24h: expect.any(String),
      high_24h: expect.any(String),
      volume_30d: expect.any(String),
      best_bid: expect.stringMatching(/^\d+\.\d{2}$/),
      best_bid_size: expect.any(String),
      best_ask: expect.stringMatching(/^\d+\.\d{2}$/),
      best_ask_size: expect.any(String),
      side: expect.stringMatching(/^(buy|sell)$/),
      time: expect.stringMatching(/^2023-08-17T21:36:\d\d\.\d{6}Z$/),
      trade_id: expect.any(Number),
      last_size: expect.any(String),
    })
    expect(await client.next(({ type }) => type === 'heartbeat')).toMatchObject({
      product_id: 'ETH-USD',
      last_trade_id: expect.any(Number),
      sequence: expect.any(Number),
    })
    const sequences = client.messages
      .filter((message) => message.type === 'ticker' && message.product_id === 'ETH-USD')
      .map(({ sequence }) => Number(sequence))
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b))
  })

  test('behavior: one unknown product refuses the whole request', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.coinbase)
    client.say({ type: 'subscribe', product_ids: ['ETH-USD', 'FOO-USD'], channels: ['ticker'] })
    expect(await client.next(() => true)).toEqual({
      type: 'error',
      message: 'Failed to subscribe',
      reason: 'FOO-USD is not a valid product',
    })
  })

  test('behavior: hangs up on a client that subscribes to nothing for 5 s', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.coinbase)
    await eventually(() => client.closed() !== undefined, 'the hang-up', 7_000)
    expect(client.closed()).toBe(1000)
  })
})

describe('kraken', () => {
  const subscribe = (symbol: readonly string[], over: object = {}) => ({
    method: 'subscribe',
    params: { channel: 'ticker', symbol, event_trigger: 'bbo', ...over },
    req_id: 7,
  })

  test('default: status, one acknowledgement and snapshot per symbol, then updates', async () => {
    const { exchanges } = await openExchanges()
    const client = await aClient(exchanges.urls.kraken)
    client.say(subscribe(['ETH/USD', 'FOO/USD']))
    await client.next(({ type, channel }) => channel === 'ticker' && type === 'update')
    const [status, first, snapshot, second] = client.messages
    expect(status).toMatchObject({ channel: 'status', data: [{ system: 'online' }] })
    expect(first).toEqual({
      method: 'subscribe',
      result: { channel: 'ticker', event_trigger: 'bbo', snapshot: true, symbol: 'ETH/USD' },
      success: true,
      req_id: 7,
      time_in: expect.stringMatching(/^2023-08-17T/),
      time_out: expect.stringMatching(/^2023-08-17T/),
    })
    expect(snapshot).toMatchObject({
      channel: 'ticker',
      type: 'snapshot',
      data: [{ symbol: 'ETH/USD', bid: expect.any(Number), ask: expect.any(Number) }],
    })
    expect(second).toMatchObject({
      method: 'subscribe',
      success: false,
      error: 'Currency pair not supported FOO/USD',
      symbol: 'FOO/USD',
      req_id: 7,
    })
  })

  test('behavior: bbo triggers on every quote, trades only on some', async () => {
    const { exchanges } = await openExchanges()
    const [every, some] = [
      await aClient(exchanges.urls.kraken),
      await aClient(exchanges.urls.kraken),
    ]
    every.say(subscribe(['ETH/USD']))
    some.say(subscribe(['ETH/USD'], { event_trigger: 'trades' }))
    const updates = (client: typeof every): number =>
      client.messages.filter(({ type, channel }) => channel === 'ticker' && type === 'update')
        .length
    await eventually(() => updates(every) >= 40, 'forty updates')
    expect(updates(some)).toBeGreaterThan(5)
    expect(updates(some)).toBeLessThan(20)
  })

  test('behavior: answers a ping, and beats when it has nothing else to say', async () => {
    const { exchanges } = await openExchanges(aScenario(), true)
    const client = await aClient(exchanges.urls.kraken)
    client.say({ method: 'ping', req_id: 101 })
    expect(await client.next(({ method }) => method === 'pong')).toMatchObject({ req_id: 101 })
    client.say(subscribe(['ETH/USD'], { event_trigger: 'trades', snapshot: false }))
    expect(await client.next(({ channel }) => channel === 'heartbeat')).toEqual({
      channel: 'heartbeat',
    })
  })
})
