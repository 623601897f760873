import { describe, expect, onTestFinished, test } from 'vitest'
import { InvariantError } from '../../core/errors.ts'
import type { Tick } from '../../core/types/price.ts'
import { createExchangeSource } from '../../monitors/sources/exchanges.ts'
import { createScenarioClock } from '../../sandbox/clock.ts'
import { createExchanges } from '../../sandbox/exchanges/exchanges.ts'
import type { Venue } from '../../sandbox/exchanges/listing.ts'
import { valueAt } from '../../sandbox/price-path.ts'
import { aScenario, startMsOf } from '../support/a-scenario.ts'
import { eventually } from '../support/a-websocket-server.ts'
import { aClient, openExchanges } from '../support/an-exchange.ts'

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
    onTestFinished(async () => {
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
    const { clock, exchanges: opened } = await openExchanges(scenario)
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
      const { exchanges } = await openExchanges(aScenario(), true)
      const client = await aClient(exchanges.urls.coinbase)
      const product_ids = ['ETH-USD', 'BTC-USD', 'LINK-USD', 'USDT-USD', 'DAI-USD']
      client.say({ type: 'subscribe', product_ids, channels: ['ticker'] })
      await eventually(() => client.messages.length >= 6, 'five tickers')
      return client.messages.slice(1, 6).map(({ best_bid, best_ask }) => `${best_bid}/${best_ask}`)
    }
    expect(await hear()).toEqual(await hear())
  })

  test('behavior: quotes flow while the clock stands, and no venue exceeds its cap', async () => {
    const { exchanges } = await openExchanges(aScenario(), true)
    const { ticks } = follow('binance', exchanges.urls.binance, { now: () => 1 })
    await eventually(() => ticks.length >= 3, 'quotes before the start', 3_000)
    const busy = aScenario()
    const { exchanges: crowded } = await openExchanges({
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
    const { exchanges, clock } = await openExchanges()
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
