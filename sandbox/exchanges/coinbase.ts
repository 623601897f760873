import { type Conversation, type Dialect, type Floor, objectIn, rfc3339 } from './dialect.ts'
import type { Quote } from './quote.ts'

type Channel = 'ticker' | 'heartbeat'

const isChannel = (name: unknown): name is Channel => name === 'ticker' || name === 'heartbeat'

const sequenceOf = (quote: Quote): number => 37_475_000_000 + quote.sequence * 7
const tradeOf = (quote: Quote): number => 370_843_000 + quote.sequence

const ticker = (quote: Quote): string =>
  JSON.stringify({
    type: 'ticker',
    sequence: sequenceOf(quote),
    product_id: quote.symbol,
    price: quote.last,
    open_24h: String(quote.day.open),
    volume_24h: quote.day.volume.toFixed(8),
    low_24h: String(quote.day.low),
    high_24h: String(quote.day.high),
    volume_30d: quote.day.volume.toFixed(8),
    best_bid: quote.bid,
    best_bid_size: quote.bidSize,
    best_ask: quote.ask,
    best_ask_size: quote.askSize,
    side: quote.takerBuys ? 'buy' : 'sell',
    time: rfc3339(quote.atMs),
    trade_id: tradeOf(quote),
    last_size: quote.lastSize,
  })

const failed = (reason: string): readonly string[] => [
  JSON.stringify({ type: 'error', message: 'Failed to subscribe', reason }),
]

/** What a request names: channels as plain strings take the products of the request, objects bring their own. */
const named = (
  request: Readonly<Record<string, unknown>>,
): readonly { readonly channel: unknown; readonly products: readonly unknown[] }[] => {
  const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
  return listOf(request.channels).map((entry) =>
    typeof entry === 'object' && entry !== null
      ? {
          channel: (entry as { name?: unknown }).name,
          products: listOf((entry as { product_ids?: unknown }).product_ids ?? request.product_ids),
        }
      : { channel: entry, products: listOf(request.product_ids) },
  )
}

const converse = (floor: Floor): Conversation => {
  const wanted: Readonly<Record<Channel, Set<string>>> = {
    ticker: new Set(),
    heartbeat: new Set(),
  }

  const acknowledgement = (): string =>
    JSON.stringify({
      type: 'subscriptions',
      channels: (['ticker', 'heartbeat'] as const)
        .filter((name) => wanted[name].size > 0)
        .map((name) => ({ name, product_ids: [...wanted[name]], account_ids: null })),
    })

  const hear = (text: string): readonly string[] => {
    const request = objectIn(text)
    if (!request) return [JSON.stringify({ type: 'error', message: 'Malformed JSON' })]
    const { type } = request
    if (type !== 'subscribe' && type !== 'unsubscribe')
      return [
        JSON.stringify({
          type: 'error',
          message: 'Type has to be either subscribe or unsubscribe',
        }),
      ]
    const entries = named(request)
    if (entries.length === 0) return failed('channels must be specified')
    for (const { channel, products } of entries) {
      if (!isChannel(channel)) return failed(`${String(channel)} is not a valid channel`)
      if (products.length === 0)
        return failed(`You need to specify at least one product ID for channel ${channel}`)
      const unknown = products.find((product) => !floor.symbols.has(String(product)))
      if (unknown !== undefined) return failed(`${String(unknown)} is not a valid product`)
    }
    const first: string[] = []
    for (const { channel, products } of entries)
      for (const product of products.map(String)) {
        if (type === 'unsubscribe') wanted[channel as Channel].delete(product)
        else {
          if (channel === 'ticker' && !wanted.ticker.has(product))
            first.push(ticker(floor.last(product)))
          wanted[channel as Channel].add(product)
        }
      }
    return [acknowledgement(), ...first]
  }

  return {
    opening: () => [],
    hear,
    quoted: (quote) => (wanted.ticker.has(quote.symbol) ? [ticker(quote)] : []),
    beat: () =>
      [...wanted.heartbeat].map((product) => {
        const quote = floor.last(product)
        return JSON.stringify({
          type: 'heartbeat',
          last_trade_id: tradeOf(quote),
          product_id: product,
          sequence: sequenceOf(quote),
          time: rfc3339(floor.now()),
        })
      }),
    subscribed: () => wanted.ticker.size + wanted.heartbeat.size > 0,
  }
}

/** Coinbase Exchange's market data feed (docs.cdp.coinbase.com/exchange/websocket-feed): `ticker` and `heartbeat`. */
export const coinbase: Dialect = { path: '/', subscribeWithinMs: 5_000, converse }
