import { type Conversation, type Dialect, type Floor, objectIn } from './dialect.ts'
import type { Quote } from './quote.ts'

const methods = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY']

/** Binance pads every price and quantity to eight decimals. */
const padded = (amount: string): string => Number(amount).toFixed(8)

const bookTicker = (quote: Quote) => ({
  u: 400_900_000 + quote.sequence,
  s: quote.symbol,
  b: padded(quote.bid),
  B: padded(quote.bidSize),
  a: padded(quote.ask),
  A: padded(quote.askSize),
})

const streamOf = (symbol: string): string => `${symbol.toLowerCase()}@bookTicker`

const streamsIn = (path: string): readonly string[] => {
  const { pathname, searchParams } = new URL(path, 'ws://exchange')
  const named = pathname.startsWith('/ws/')
    ? pathname.slice(4)
    : (searchParams.get('streams') ?? '')
  return named.split('/').filter((name) => name !== '')
}

const isId = (id: unknown): boolean =>
  id === null || Number.isSafeInteger(id) || (typeof id === 'string' && /^\w{1,36}$/.test(id))

const converse = (_floor: Floor, path: string): Conversation => {
  const streams = new Set(streamsIn(path))
  let combined = path.startsWith('/stream')

  const refuse = (code: number, msg: string, id?: unknown): readonly string[] => [
    JSON.stringify({ code, msg, ...(id === undefined ? {} : { id }) }),
  ]

  const property = (request: Readonly<Record<string, unknown>>): readonly string[] => {
    const { id } = request
    const [name, value] = Array.isArray(request.params) ? request.params : []
    if (typeof name !== 'string')
      return refuse(2, 'Invalid request: property name must be a string')
    if (name !== 'combined') return refuse(0, 'Unknown property', id)
    if (request.method === 'GET_PROPERTY') return [JSON.stringify({ result: combined, id })]
    if (typeof value !== 'boolean') return refuse(1, 'Invalid value type: expected Boolean')
    combined = value
    return [JSON.stringify({ result: null, id })]
  }

  const hear = (text: string): readonly string[] => {
    const request = objectIn(text)
    if (!request) return refuse(3, 'Invalid JSON: expected value at line 1 column 1')
    const { method, id, params } = request
    if (method === undefined)
      return refuse(2, `Invalid request: missing field \`method\` at line 1 column ${text.length}`)
    if (typeof method !== 'string' || !methods.includes(method))
      return refuse(
        2,
        `Invalid request: unknown variant \`${String(method)}\`, expected one of ${methods.map((name) => `\`${name}\``).join(', ')} at line 1 column ${text.length}`,
      )
    if (!isId(id)) return refuse(2, 'Invalid request: request ID must be an unsigned integer')
    if (method === 'LIST_SUBSCRIPTIONS') return [JSON.stringify({ result: [...streams], id })]
    if (method === 'SET_PROPERTY' || method === 'GET_PROPERTY') return property(request)
    if (!Array.isArray(params) || !params.every((name) => typeof name === 'string'))
      return refuse(2, 'Invalid request: invalid type: expected a sequence of stream names')
    // A stream that does not exist is acknowledged all the same and stays silent: so does the real one.
    for (const name of params) {
      if (method === 'SUBSCRIBE') streams.add(name)
      else streams.delete(name)
    }
    return [JSON.stringify({ result: null, id })]
  }

  return {
    opening: () => [],
    hear,
    quoted: (quote) => {
      const stream = streamOf(quote.symbol)
      if (!streams.has(stream)) return []
      const data = bookTicker(quote)
      return [JSON.stringify(combined ? { stream, data } : data)]
    },
    beat: () => [],
    subscribed: () => streams.size > 0,
  }
}

/** Binance's spot streams (binance-spot-api-docs, web-socket-streams.md): raw and combined, `bookTicker` only. */
export const binance: Dialect = {
  path: '/ws',
  pingEveryMs: 20_000,
  maxMessagesPerSec: 5,
  converse,
}
