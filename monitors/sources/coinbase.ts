import { heartbeat, readQuote, refused } from './quote.ts'
import { fieldsOf, jsonIn, type VenueAdapter } from './venue-adapter.ts'

/** Reads Coinbase Exchange's `ticker` and `heartbeat` channels (docs.cdp.coinbase.com/exchange/websocket-feed). */
export const coinbase: VenueAdapter = {
  venue: 'coinbase',
  subscribe: (symbols) => [
    JSON.stringify({
      type: 'subscribe',
      product_ids: symbols,
      channels: ['ticker', 'heartbeat'],
    }),
  ],
  parse: (frame, symbols) => {
    const json = jsonIn(frame)
    if (json === undefined) return refused('not-json')
    const message = fieldsOf(json)
    if (!message) return refused('malformed')
    if (message.type === 'heartbeat' || message.type === 'subscriptions') return heartbeat
    if (message.type === 'error')
      return refused('refused-by-venue', `${String(message.message)}: ${String(message.reason)}`)
    if (message.type !== 'ticker') return refused('malformed')
    return readQuote(symbols, {
      symbol: message.product_id,
      bid: message.best_bid,
      ask: message.best_ask,
      sequence: message.sequence,
    })
  },
}
