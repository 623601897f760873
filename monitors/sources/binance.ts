import { heartbeat, readQuote, refused } from './quote.ts'
import { fieldsOf, jsonIn, type VenueAdapter } from './venue-adapter.ts'

/** Reads Binance's `bookTicker` streams, raw or combined (binance-spot-api-docs, web-socket-streams.md). */
export const binance: VenueAdapter = {
  venue: 'binance',
  subscribe: (symbols) => [
    JSON.stringify({
      method: 'SUBSCRIBE',
      params: symbols.map((symbol) => `${symbol.toLowerCase()}@bookTicker`),
      id: 1,
    }),
  ],
  parse: (frame, symbols) => {
    const json = jsonIn(frame)
    if (json === undefined) return refused('not-json')
    const message = fieldsOf(json)
    if (!message) return refused('malformed')
    if ('result' in message) return heartbeat
    if ('code' in message) return refused('refused-by-venue', String(message.msg))
    if (message.e === 'serverShutdown') return heartbeat
    const ticker = fieldsOf(message.data) ?? message
    if (!('s' in ticker)) return refused('malformed')
    const { s: symbol, b: bid, a: ask, u: sequence } = ticker
    return readQuote(symbols, { symbol, bid, ask, sequence })
  },
}
