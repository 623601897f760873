import type { VenueFault, VenueReading } from './venue-adapter.ts'

/** Prices outside of this are no price of anything: it bounds what arithmetic downstream must bear. */
const [least, most] = [1e-9, 1e9]

/** Returns the number in a field, be it text or number, or why it is none that we accept. */
const priceIn = (field: unknown): number | VenueFault => {
  const text = typeof field === 'string' ? field.trim() : field
  const price = typeof text === 'string' && text !== '' ? Number(text) : text
  if (typeof price !== 'number' || Number.isNaN(price)) return 'not-a-number'
  if (price <= 0) return 'not-positive'
  return price < least || price > most ? 'out-of-range' : price
}

/** Reads one best bid and ask as a venue sent them; a value that we refuse becomes a fault, never a quote. */
export const readQuote = (
  symbols: ReadonlySet<string>,
  fields: {
    readonly symbol: unknown
    readonly bid: unknown
    readonly ask: unknown
    readonly sequence?: unknown
  },
): VenueReading => {
  const { symbol, sequence } = fields
  if (typeof symbol !== 'string' || !symbols.has(symbol)) return refused('unknown-symbol')
  const [bid, ask] = [priceIn(fields.bid), priceIn(fields.ask)]
  if (typeof bid === 'string') return refused(bid)
  if (typeof ask === 'string') return refused(ask)
  if (bid > ask) return refused('crossed')
  const counted = typeof sequence === 'number' && Number.isSafeInteger(sequence) ? { sequence } : {}
  return { quotes: [{ symbol, bid, ask, ...counted }], faults: [], alive: true }
}

/** A reading of a frame that holds nothing we accept. */
export const refused = (fault: VenueFault, detail?: string): VenueReading => ({
  quotes: [],
  faults: [fault],
  alive: false,
  ...(detail === undefined ? {} : { detail }),
})

/** A reading of a frame that holds no quote and shows that the venue is there. */
export const heartbeat: VenueReading = { quotes: [], faults: [], alive: true }
