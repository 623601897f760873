import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { InvariantError } from '../../core/errors.ts'
import type { Tick } from '../../core/types/price.ts'
import { createExchangeSource } from '../../monitors/sources/exchanges.ts'
import { createScenarioClock } from '../../sandbox/clock.ts'
import { createExchanges } from '../../sandbox/exchanges/exchanges.ts'
import type { Venue } from '../../sandbox/exchanges/listing.ts'
import { valueAt } from '../../sandbox/price-path.ts'
import type { Scenario } from '../../sandbox/scenario.ts'
import { aScenario, startMsOf } from '../support/a-scenario.ts'
import { eventually } from '../support/a-websocket-server.ts'

type Message = Readonly<Record<string, unknown>>

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const open = async (scenario: Scenario = aScenario(), stopped = false) => {
  const clock = createScenarioClock({
    startMs: startMsOf(scenario),
    rate: scenario.chain.compression,
    stopped,
  })
  const exchanges = createExchanges({ scenario, clock, log: () => undefined })
  await exchanges.start()
  cleanups.push(exchanges.stop)
  return { scenario, clock, exchanges }
}

/** A client without any library of a venue: what it says and hears is the wire. */
const aClient = async (url: string) => {
  const socket = new WebSocket(url)
  const messages: Message[] = []
  let closed: number | undefined
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())))
  socket.on('close', (code) => {
    closed = code
  })
  cleanups.push(() => socket.terminate())
  await new Promise((done) => socket.once('open', done))
  const say = (message: unknown): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const next = async (matches: (message: Message) => boolean): Promise<Message> => {
    await eventually(() => messages.some(matches), matches.toString())
    return messages.find(matches)!
  }
  return { socket, messages, say, next, closed: () => closed }
}

describe('binance', () => {
  test('default: acknowledges, then sends book tickers', async () => {
    const { exchanges } = await open()
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
    const { exchanges } = await open()
    const base = exchanges.urls.binance.replace(/\/ws$/, '')
    const client = await aClient(`${base}/stream?streams=ethusdt@bookTicker/btcusdt@bookTicker`)
    const { stream, data } = await client.next(({ stream }) => stream === 'btcusdt@bookTicker')
    expect({ stream, data }).toMatchObject({ data: { s: 'BTCUSDT' } })
    const raw = await aClient(`${base}/ws/ethusdt@bookTicker`)
    expect(await raw.next(() => true)).toMatchObject({ s: 'ETHUSDT' })
  })

  test('behavior: what it cannot read is answered with an error frame', async () => {
    const { exchanges } = await open()
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
    const { exchanges } = await open()
    const client = await aClient(exchanges.urls.binance)
    for (let id = 1; id <= 6; id++) client.say({ method: 'LIST_SUBSCRIPTIONS', id })
    await eventually(() => client.closed() !== undefined, 'the hang-up')
    expect(client.closed()).toBe(1008)
  })

  test('behavior: quotes in tether, whose own price is in the quote', async () => {
    const half = { USDT: { usd: [[0, 0.5]] as [number, number][], exchanges: {} } }
    const base = aScenario()
    const { exchanges } = await open(aScenario({ prices: { ...base.prices, ...half } }), true)
    const client = await aClient(exchanges.urls.binance)
    client.say({ method: 'SUBSCRIBE', params: ['ethusdt@bookTicker'], id: 1 })
    const { b } = await client.next((message) => 'u' in message)
    expect(Math.abs(Number(b) / (1705.1 / 0.5) - 1)).toBeLessThan(0.001)
  })
})

describe('coinbase', () => {
  test('default: a ticker at once, acknowledged with its channels, and heartbeats', async () => {
    const { exchanges } = await open()
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
    const { exchanges } = await open()
    const client = await aClient(exchanges.urls.coinbase)
    client.say({ type: 'subscribe', product_ids: ['ETH-USD', 'FOO-USD'], channels: ['ticker'] })
    expect(await client.next(() => true)).toEqual({
      type: 'error',
      message: 'Failed to subscribe',
      reason: 'FOO-USD is not a valid product',
    })
  })

  test('behavior: hangs up on a client that subscribes to nothing for 5 s', async () => {
    const { exchanges } = await open()
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
    const { exchanges } = await open()
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
    const { exchanges } = await open()
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
    const { exchanges } = await open(aScenario(), true)
    const client = await aClient(exchanges.urls.kraken)
    client.say({ method: 'ping', req_id: 101 })
    expect(await client.next(({ method }) => method === 'pong')).toMatchObject({ req_id: 101 })
    client.say(subscribe(['ETH/USD'], { event_trigger: 'trades', snapshot: false }))
    expect(await client.next(({ channel }) => channel === 'heartbeat')).toEqual({
      channel: 'heartbeat',
    })
  })
})

describe('prices', () => {
  const sources: Readonly<Record<Venue, { symbol: string; pair: string }>> = {
    binance: { symbol: 'ETHUSDT', pair: 'ETH/USDT' },
    coinbase: { symbol: 'ETH-USD', pair: 'ETH/USD' },
    kraken: { symbol: 'ETH/USD', pair: 'ETH/USD' },
  }

  const follow = (venue: Venue, url: string, clock: { now: () => number }) => {
    const ticks: Tick[] = []
    const states: string[] = []
    const controller = new AbortController()
    const source = createExchangeSource({
      venue,
      url,
      pairs: [sources[venue]],
      clock: clock.now as never,
      limits: { silenceMs: 400, firstDelayMs: 20 },
    })
    const done = source.start((event) => {
      if (event.type === 'ticks') ticks.push(...event.ticks)
      if (event.type === 'source') states.push(event.status)
    }, controller.signal)
    cleanups.push(async () => {
      controller.abort()
      await done
    })
    return { ticks, states, source }
  }

  test('default: the bot’s sources see the path, less each venue’s delay, within its noise', async () => {
    const base = aScenario()
    const usd: [number, number][] = [
      [0, 1000],
      [10, 1000],
      [40, 1100],
      [600, 1100],
    ]
    const quiet = { offsetBps: 0, noiseBps: 1, spreadBps: 2, ticksPerSec: 5 }
    const exchanges = {
      binance: { ...quiet, delaySec: 0 },
      coinbase: { ...quiet, delaySec: 6 },
      kraken: { ...quiet, delaySec: 0, offsetBps: 30 },
    }
    const scenario = { ...base, prices: { ETH: { usd, exchanges } } }
    const { clock, exchanges: opened } = await open(scenario)
    const followed = (['binance', 'coinbase', 'kraken'] as const).map(
      (venue) => [venue, follow(venue, opened.urls[venue], clock)] as const,
    )
    await clock.sleepUntil(startMsOf(scenario) + 50_000, new AbortController().signal)
    for (const [venue, { ticks }] of followed) {
      expect(ticks.length).toBeGreaterThan(80)
      const { delaySec, offsetBps } = exchanges[venue]
      for (const { bid, ask, seenMs } of ticks) {
        expect(bid).toBeLessThan(ask)
        // The tick grid, the wire and the flush are late by up to this, in scenario seconds; the path only rises.
        const sec = seenMs / 1000 - scenario.chain.startSec - delaySec
        const least = valueAt(usd, sec - 3) * (1 + (offsetBps - 6) / 1e4)
        const most = valueAt(usd, sec) * (1 + (offsetBps + 6) / 1e4)
        expect((bid + ask) / 2).toBeGreaterThan(least)
        expect((bid + ask) / 2).toBeLessThan(most)
      }
    }
  })

  test('behavior: the same scenario quotes the same prices, message by message', async () => {
    const hear = async (): Promise<readonly string[]> => {
      const { exchanges } = await open(aScenario(), true)
      const client = await aClient(exchanges.urls.coinbase)
      const product_ids = ['ETH-USD', 'BTC-USD', 'LINK-USD', 'USDT-USD', 'DAI-USD']
      client.say({ type: 'subscribe', product_ids, channels: ['ticker'] })
      await eventually(() => client.messages.length >= 6, 'five tickers')
      return client.messages.slice(1, 6).map(({ best_bid, best_ask }) => `${best_bid}/${best_ask}`)
    }
    expect(await hear()).toEqual(await hear())
  })

  test('behavior: quotes flow while the clock stands, and no venue exceeds its cap', async () => {
    const { exchanges } = await open(aScenario(), true)
    const { ticks } = follow('binance', exchanges.urls.binance, { now: () => 1 })
    await eventually(() => ticks.length >= 3, 'quotes before the start', 3_000)
    const busy = aScenario()
    const { exchanges: crowded } = await open({
      ...busy,
      chain: { ...busy.chain, compression: 60 },
    })
    const client = await aClient(crowded.urls.binance)
    const params = ['eth', 'btc', 'link', 'usdc'].map((asset) => `${asset}usdt@bookTicker`)
    client.say({ method: 'SUBSCRIBE', params, id: 1 })
    await new Promise((wake) => setTimeout(wake, 1_500))
    expect(client.messages.length).toBeGreaterThan(100)
    expect(client.messages.length).toBeLessThan(200 * 1.5 * 1.15)
  })

  test('behavior: the bot survives each fault that an exchange can play', async () => {
    const { exchanges, clock } = await open()
    const { ticks, states, source } = follow('kraken', exchanges.urls.kraken, clock)
    await eventually(() => ticks.length > 3, 'quotes')
    exchanges.sendRaw('{"channel":"ticker","data":[{"symbol":"ETH/USD","bid":-1,"ask":1}]}')
    exchanges.sendRaw('garbage', 'kraken')
    await eventually(() => source.stats().faults['not-json'] === 1, 'the garbage')
    expect(source.stats().faults).toEqual({ 'not-positive': 1, 'not-json': 1 })
    exchanges.dropAll('kraken')
    await eventually(() => states.length === 3, 'down and up')
    exchanges.silence(600, 'kraken')
    await eventually(() => states.length === 5, 'down and up again')
    expect(states).toEqual(['up', 'down', 'up', 'down', 'up'])
    expect(source.stats().websocket.downs).toMatchObject({ silent: expect.any(Number) })
  })

  test('error: InvariantError for an address before the start', () => {
    const exchanges = createExchanges({
      scenario: aScenario(),
      clock: createScenarioClock({ startMs: 0, rate: 1 }),
      log: () => undefined,
    })
    expect(() => exchanges.urls).toThrow(InvariantError)
  })
})
