import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import type { Event } from '../../core/types/event.ts'
import { ms } from '../../core/units.ts'
import { createExchangeSource } from '../../monitors/sources/exchanges.ts'
import {
  createWebsocket,
  reconnectDelayMs,
  type WebsocketLimits,
} from '../../monitors/sources/websocket.ts'
import { aWebsocketServer, eventually, type TestServer } from '../support/a-websocket-server.ts'

/** The defaults, a hundred times faster. */
const limits: WebsocketLimits = {
  connectMs: 200,
  silenceMs: 120,
  quietMs: 400,
  stableMs: 100,
  firstDelayMs: 5,
  lastDelayMs: 40,
  maxFrameBytes: 256 * 1024,
}

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const serve = async (options: Parameters<typeof aWebsocketServer>[0] = {}): Promise<TestServer> => {
  const server = await aWebsocketServer(options)
  cleanups.push(server.stop)
  return server
}

const listen = (url: string, over: Partial<WebsocketLimits> = {}) => {
  const frames: string[] = []
  const downs: string[] = []
  const controller = new AbortController()
  const websocket = createWebsocket({
    url,
    limits: { ...limits, ...over },
    handlers: {
      open: (send) => send('hello'),
      message: (frame) => {
        frames.push(frame)
        return frame !== 'useless'
      },
      down: (reason) => downs.push(reason),
    },
  })
  const done = websocket.run(controller.signal)
  const stop = async (): Promise<void> => {
    controller.abort()
    await done
  }
  cleanups.push(stop)
  return { websocket, frames, downs, stop }
}

describe('createWebsocket', () => {
  test('default: greets and hears', async () => {
    const server = await serve({ greet: ['one', 'two'] })
    const { frames } = listen(server.url)
    await eventually(() => frames.length === 2 && server.heard.length === 1, 'two frames')
    expect(frames).toEqual(['one', 'two'])
    expect(server.heard).toEqual(['hello'])
  })

  test('F08: is back after each of 20 drops, with its greeting', async () => {
    const server = await serve({ greet: ['one'] })
    const { websocket, downs } = listen(server.url)
    for (let drop = 1; drop <= 20; drop++) {
      await eventually(() => server.sockets.length === 1, `connection ${drop}`)
      await eventually(() => websocket.stats().frames === drop, `frame ${drop}`)
      server.drop()
    }
    await eventually(() => websocket.stats().frames === 21, 'the last frame')
    expect(downs).toHaveLength(20)
    expect(server.heard.every((frame) => frame === 'hello')).toBe(true)
  })

  test('F08: never gives up on a refused port, and is there as soon as somebody is', async () => {
    const gone = await aWebsocketServer()
    await gone.stop()
    const { websocket, frames } = listen(gone.url)
    await eventually(() => websocket.stats().attempts >= 12, 'twelve attempts')
    expect(websocket.stats().opened).toBe(0)
    expect(Object.keys(websocket.stats().downs)).toEqual(['ECONNREFUSED'])
    const server = await serve({ port: gone.port, greet: ['back'] })
    await eventually(() => frames.includes('back'), 'the return', 1_000)
    expect(server.sockets).toHaveLength(1)
  })

  test('F09: cuts a half-open line after the silence, and not much later', async () => {
    const server = await serve({ mute: true, greet: ['one'] })
    const { frames, downs } = listen(server.url)
    await eventually(() => frames.length === 1, 'the greeting')
    const fromMs = performance.now()
    await eventually(() => downs.length === 1, 'the cut')
    expect(downs).toEqual(['silent'])
    expect(performance.now() - fromMs).toBeGreaterThan(limits.silenceMs - 20)
    expect(performance.now() - fromMs).toBeLessThan(limits.silenceMs * 2)
    await eventually(() => frames.length === 2, 'a new connection')
  })

  test('behavior: a peer that answers pings is kept through silence, up to the quiet limit', async () => {
    const server = await serve({ greet: ['one'] })
    const { frames, downs } = listen(server.url)
    await eventually(() => frames.length === 1, 'the greeting')
    await new Promise((wake) => setTimeout(wake, limits.silenceMs * 2))
    expect(downs).toEqual([])
    await eventually(() => downs.length === 1, 'the cut')
    expect(downs).toEqual(['quiet'])
  })

  test('behavior: useless frames do not keep a connection', async () => {
    const server = await serve()
    const { downs } = listen(server.url)
    const talker = setInterval(() => server.send('useless'), 10)
    await eventually(() => downs.length === 1, 'the cut')
    clearInterval(talker)
    expect(downs).toEqual(['quiet'])
  })

  test('F14: refuses a frame over 256 KiB, takes one just below, and comes back', async () => {
    const server = await serve()
    const { frames, downs } = listen(server.url)
    await eventually(() => server.sockets.length === 1, 'a connection')
    server.send('x'.repeat(limits.maxFrameBytes))
    await eventually(() => frames.length === 1, 'the largest frame')
    server.send('x'.repeat(limits.maxFrameBytes + 1))
    await eventually(() => downs.length === 1, 'the refusal')
    expect(downs).toEqual(['oversized'])
    expect(frames).toHaveLength(1)
    await eventually(() => server.sockets.length === 2, 'a new connection')
  })

  test('behavior: gives up on a peer that accepts and never shakes hands', async () => {
    const { createServer } = await import('node:net')
    const open = new Set<{ destroy: () => void }>()
    const hole = createServer((socket) => open.add(socket))
    await new Promise<void>((done) => hole.listen(0, '127.0.0.1', done))
    cleanups.push(async () => {
      for (const socket of open) socket.destroy()
      await new Promise((done) => hole.close(done))
    })
    const { websocket, downs } = listen(
      `ws://127.0.0.1:${(hole.address() as { port: number }).port}`,
      { connectMs: 50 },
    )
    await eventually(() => downs.length >= 2, 'two attempts')
    expect(websocket.stats().opened).toBe(0)
  })

  test('behavior: an abort ends it in every state, and nothing is called afterwards', async () => {
    const server = await serve({ greet: ['one'] })
    const talking = listen(server.url)
    await eventually(() => talking.frames.length === 1, 'the greeting')
    await talking.stop()
    const waiting = listen('ws://127.0.0.1:9', { firstDelayMs: 60_000, lastDelayMs: 60_000 })
    await eventually(() => waiting.downs.length === 1, 'a refusal')
    await waiting.stop()
    const connecting = listen(server.url)
    await connecting.stop()
    const before = talking.frames.length
    server.send('late')
    await new Promise((wake) => setTimeout(wake, 30))
    expect(talking.frames).toHaveLength(before)
    expect(talking.downs).toEqual([])
    expect(connecting.frames).toEqual([])
  })

  test('error: ConfigError for what is no websocket address', () => {
    for (const url of ['http://127.0.0.1', 'nowhere', ''])
      expect(() => listen(url)).toThrow(ConfigError)
  })
})

describe('reconnectDelayMs', () => {
  const range = { firstDelayMs: 250, lastDelayMs: 4_000 }

  test('default: doubles up to the last, between half and all of it', () => {
    const longest = [0, 1, 2, 3, 4, 5, 1_000].map((n) => reconnectDelayMs(n, range, 1))
    expect(longest).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000])
    expect(reconnectDelayMs(3, range, 0)).toBe(1_000)
  })
})

describe('createExchangeSource', () => {
  const pairs = [
    { symbol: 'ETHUSDT', pair: 'ETH/USDT' },
    { symbol: 'BTCUSDT', pair: 'BTC/USDT' },
  ]
  const quote = (s: string, b: unknown, a: unknown, u?: number): string =>
    JSON.stringify({ u, s, b, B: '1', a, A: '1' })

  const follow = (url: string) => {
    const events: Event[] = []
    const controller = new AbortController()
    let nowMs = 1_000
    const source = createExchangeSource({
      venue: 'binance',
      url,
      pairs,
      clock: () => ms(nowMs++),
      flushMs: 25,
      limits,
    })
    const done = source.start((event) => events.push(event), controller.signal)
    cleanups.push(async () => {
      controller.abort()
      await done
    })
    const ticks = () => events.filter((event) => event.type === 'ticks')
    const states = () => events.flatMap((event) => (event.type === 'source' ? [event.status] : []))
    return { source, events, ticks, states }
  }

  test('default: subscribes, and one event holds the latest of each pair', async () => {
    const server = await serve()
    const { ticks } = follow(server.url)
    await eventually(() => server.heard.length === 1, 'the subscription')
    expect(server.heard).toEqual([
      '{"method":"SUBSCRIBE","params":["ethusdt@bookTicker","btcusdt@bookTicker"],"id":1}',
    ])
    server.send(quote('BTCUSDT', '28200', '28201'))
    for (let price = 1700; price <= 1705; price++)
      server.send(quote('ETHUSDT', String(price), String(price + 1)))
    await eventually(() => ticks().length === 1, 'one event')
    expect(ticks()).toMatchObject([
      {
        type: 'ticks',
        ticks: [
          { venue: 'binance', pair: 'ETH/USDT', bid: 1705, ask: 1706, seenMs: 1006 },
          { venue: 'binance', pair: 'BTC/USDT', bid: 28200, ask: 28201, seenMs: 1000 },
        ],
      },
    ])
  })

  test('F14: bad values and garbage are counted by reason and end nothing', async () => {
    const server = await serve()
    const { source, ticks, states } = follow(server.url)
    await eventually(() => server.heard.length === 1, 'the subscription')
    server.send('<html>')
    server.send('[]')
    server.send(quote('ETHUSDT', 'NaN', '1705'))
    server.send(quote('ETHUSDT', '', '1705'))
    server.send(quote('ETHUSDT', '-1', '1705'))
    server.send(quote('ETHUSDT', '0', '1705'))
    server.send(quote('ETHUSDT', '1705', '1e308'))
    server.send(quote('ETHUSDT', '1706', '1705'))
    server.send(quote('FOOUSDT', '1', '2'))
    server.send(quote('ETHUSDT', '1705', '1706', 10))
    server.send(quote('ETHUSDT', '1', '2', 9))
    server.send(quote('ETHUSDT', '1', '2', 10))
    await eventually(() => ticks().length === 1, 'the one good quote')
    expect(ticks()).toMatchObject([{ ticks: [{ bid: 1705, ask: 1706 }] }])
    expect(states()).toEqual(['up'])
    expect(source.stats().faults).toEqual({
      'not-json': 1,
      malformed: 1,
      'not-a-number': 2,
      'not-positive': 2,
      'out-of-range': 1,
      crossed: 1,
      'unknown-symbol': 1,
      'out-of-order': 2,
    })
  })

  test('F08: reports down once per outage, up at the first quote after it, and counts anew', async () => {
    const server = await serve()
    const { ticks, states } = follow(server.url)
    await eventually(() => server.sockets.length === 1, 'a connection')
    server.send(quote('ETHUSDT', '1705', '1706', 1_000))
    await eventually(() => ticks().length === 1, 'a quote')
    await server.stop()
    await eventually(() => states().length === 2, 'the outage')
    await new Promise((wake) => setTimeout(wake, 150))
    expect(states()).toEqual(['up', 'down'])
    const again = await serve({ port: server.port })
    await eventually(() => again.heard.length === 1, 'the subscription')
    expect(states()).toEqual(['up', 'down'])
    again.send(quote('ETHUSDT', '1704', '1705', 1))
    await eventually(() => ticks().length === 2, 'a quote with a lower count')
    expect(states()).toEqual(['up', 'down', 'up'])
  })

  test('error: ConfigError for an unknown venue', () => {
    const make = (): unknown =>
      createExchangeSource({ venue: 'mtgox', url: 'ws://127.0.0.1:1', pairs, clock: () => ms(0) })
    expect(make).toThrow(ConfigError)
  })
})
