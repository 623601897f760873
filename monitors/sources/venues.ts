import { binance } from './binance.ts'
import { coinbase } from './coinbase.ts'
import { kraken } from './kraken.ts'
import type { VenueAdapter } from './venue-adapter.ts'

/** Every exchange we can listen to, by name; a new one is a file beside this one and a line here. */
export const venues: ReadonlyMap<string, VenueAdapter> = new Map(
  [binance, coinbase, kraken].map((adapter) => [adapter.venue, adapter]),
)
