import { heartbeat, readQuote, refused } from './quote.ts'
import { fieldsOf, jsonIn, type VenueAdapter } from './venue-adapter.ts'

/** Channels and answers that say nothing of prices. */
const ignored: ReadonlySet<unknown> = new Set(['heartbeat', 'status', 'pong'])

/** Reads Kraken's `ticker` channel, triggered by the best bid and ask (docs.kraken.com, spot-websocket-v2). */
export const kraken: VenueAdapter = {
  venue: 'kraken',
  subscribe: (symbols) => [
    JSON.stringify({
      method: 'subscribe',
      params: { channel: 'ticker', symbol: symbols, event_trigger: 'bbo', snapshot: true },
      req_id: 1,
    }),
  ],
  parse: (frame, symbols) => {
    const json = jsonIn(frame)
    if (json === undefined) return refused('not-json')
    const message = fieldsOf(json)
    if (!message) return refused('malformed')
    if (ignored.has(message.channel) || ignored.has(message.method)) return heartbeat
    if (message.success === false) return refused('refused-by-venue', String(message.error))
    if (message.success === true) return heartbeat
    if (message.channel !== 'ticker' || !Array.isArray(message.data)) return refused('malformed')
    const readings = message.data.map((entry: unknown) => {
      const ticker = fieldsOf(entry)
      if (!ticker) return refused('malformed')
      const { symbol, bid, ask } = ticker
      return readQuote(symbols, { symbol, bid, ask })
    })
    return {
      quotes: readings.flatMap(({ quotes }) => quotes),
      faults: readings.flatMap(({ faults }) => faults),
      alive: readings.some(({ alive }) => alive),
    }
  },
}
