import { type Conversation, type Dialect, type Floor, objectIn, rfc3339 } from './dialect.ts'
import type { Quote } from './quote.ts'

type Trigger = 'bbo' | 'trades'

const ticker = (type: 'snapshot' | 'update', quote: Quote): string => {
  const { day } = quote
  const last = Number(quote.last)
  return JSON.stringify({
    channel: 'ticker',
    type,
    data: [
      {
        symbol: quote.symbol,
        bid: Number(quote.bid),
        bid_qty: Number(quote.bidSize),
        ask: Number(quote.ask),
        ask_qty: Number(quote.askSize),
        last,
        volume: day.volume,
        vwap: day.vwap,
        low: day.low,
        high: day.high,
        change: last - day.open,
        change_pct: Number(((last / day.open - 1) * 100).toFixed(2)),
        timestamp: rfc3339(quote.atMs),
      },
    ],
  })
}

const converse = (floor: Floor): Conversation => {
  const wanted = new Map<string, Trigger>()

  const answer = (
    request: Readonly<Record<string, unknown>>,
    body: Readonly<Record<string, unknown>>,
  ): string => {
    const time = rfc3339(floor.now())
    const id = request.req_id === undefined ? {} : { req_id: request.req_id }
    return JSON.stringify({ ...body, ...id, time_in: time, time_out: time })
  }

  const refuse = (
    request: Readonly<Record<string, unknown>>,
    error: string,
    symbol?: string,
  ): string =>
    answer(request, {
      error,
      method: request.method,
      success: false,
      ...(symbol === undefined ? {} : { symbol }),
    })

  const change = (request: Readonly<Record<string, unknown>>): readonly string[] => {
    const { method } = request
    const params = (request.params ?? {}) as Readonly<Record<string, unknown>>
    const { channel, symbol: symbols, snapshot = true } = params
    const trigger = params.event_trigger ?? 'trades'
    if (channel !== 'ticker') return [refuse(request, `Channel not supported ${String(channel)}`)]
    if (!Array.isArray(symbols)) return [refuse(request, 'Symbol(s) not found')]
    if (trigger !== 'bbo' && trigger !== 'trades')
      return [refuse(request, `Event trigger not supported ${String(trigger)}`)]
    return symbols.map(String).flatMap((symbol) => {
      if (!floor.symbols.has(symbol))
        return [refuse(request, `Currency pair not supported ${symbol}`, symbol)]
      const done = { method, success: true }
      if (method === 'unsubscribe') {
        if (!wanted.delete(symbol)) return [refuse(request, 'Subscription Not Found', symbol)]
        return [answer(request, { ...done, result: { channel, event_trigger: trigger, symbol } })]
      }
      if (wanted.has(symbol)) return [refuse(request, 'Already subscribed', symbol)]
      wanted.set(symbol, trigger)
      const result = { channel, event_trigger: trigger, snapshot: snapshot === true, symbol }
      const acknowledgement = answer(request, { ...done, result })
      return snapshot === true
        ? [acknowledgement, ticker('snapshot', floor.last(symbol))]
        : [acknowledgement]
    })
  }

  const hear = (text: string): readonly string[] => {
    const request = objectIn(text)
    if (!request) return [JSON.stringify({ error: 'Malformed request', success: false })]
    if (request.method === 'ping') return [answer(request, { method: 'pong' })]
    if (request.method === 'subscribe' || request.method === 'unsubscribe') return change(request)
    return [refuse(request, 'Unsupported method')]
  }

  return {
    opening: () => [
      JSON.stringify({
        channel: 'status',
        type: 'update',
        data: [
          {
            version: '2.0.10',
            system: 'online',
            api_version: 'v2',
            connection_id: 13834774380200032,
          },
        ],
      }),
    ],
    hear,
    quoted: (quote) => {
      const trigger = wanted.get(quote.symbol)
      return trigger === 'bbo' || (trigger === 'trades' && quote.traded)
        ? [ticker('update', quote)]
        : []
    },
    beat: (quiet) => (quiet && wanted.size > 0 ? [JSON.stringify({ channel: 'heartbeat' })] : []),
    subscribed: () => wanted.size > 0,
  }
}

/** Kraken's websocket v2 (docs.kraken.com, spot-websocket-v2): `ticker`, `status`, `heartbeat` and `ping`. */
export const kraken: Dialect = { path: '/v2', converse }
