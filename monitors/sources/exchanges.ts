/**
 * The quotes of one exchange as events: owns what is known of them since the last flush.
 *
 * 1. Quotes are coalesced: in each flush window the latest of a pair replaces the one before, and one event holds all.
 * 2. A refused value is counted by its reason and otherwise forgotten; it never throws and never ends the connection.
 * 3. `up` is reported at the first quote of a connection, not when the socket opens; `down` once per outage.
 * 4. A quote's time is when it reached us. What the venue says of time is not read: its clock is not ours.
 */
import { ConfigError } from '../../core/errors.ts'
import type { Event } from '../../core/types/event.ts'
import type { Tick } from '../../core/types/price.ts'
import type { Ms } from '../../core/units.ts'
import type { Source } from '../source.ts'
import type { VenueFault, VenueQuote } from './venue-adapter.ts'
import { venues } from './venues.ts'
import { createWebsocket, type WebsocketLimits, type WebsocketStats } from './websocket.ts'

/** A market by its name at the venue and by ours. */
export interface VenuePair {
  /** `ETHUSDT`, `ETH-USD`, `ETH/USD`. */
  readonly symbol: string
  /** `ETH/USDT`, `ETH/USD`. */
  readonly pair: string
}

/** Counted since creation. */
export interface ExchangeStats {
  readonly websocket: WebsocketStats
  readonly quotes: number
  readonly faults: Readonly<Partial<Record<VenueFault, number>>>
  /** What the venue last said in refusal, if it ever did. */
  readonly lastRefusal: string | undefined
}

/** A source that also counts. */
export interface ExchangeSource extends Source {
  readonly stats: () => ExchangeStats
}

/** Creates the source of one exchange; throws ConfigError for a venue that nothing can read. */
export const createExchangeSource = ({
  venue,
  url,
  pairs,
  clock,
  flushMs = 20,
  limits = {},
  nowMs,
  random,
}: {
  readonly venue: string
  readonly url: string
  readonly pairs: readonly VenuePair[]
  /** The scenario's or the wall's clock: stamps what arrives. */
  readonly clock: () => Ms
  /** Wall time. */
  readonly flushMs?: number
  readonly limits?: Partial<WebsocketLimits>
  readonly nowMs?: () => number
  readonly random?: () => number
}): ExchangeSource => {
  const adapter = venues.get(venue)
  if (!adapter)
    throw new ConfigError(
      'VENUE_UNKNOWN',
      `Name one of ${[...venues.keys()].join(', ')} as exchange; "${venue}" is none of them.`,
    )
  const pairOf = new Map(pairs.map(({ symbol, pair }) => [symbol, pair]))
  const symbols = new Set(pairOf.keys())
  const faults = new Map<VenueFault, number>()
  const sequences = new Map<string, number>()
  const pending = new Map<string, Tick>()
  let quotes = 0
  let lastRefusal: string | undefined
  let status: 'up' | 'down' | undefined
  let flush: ReturnType<typeof setTimeout> | undefined
  let emit: (event: Event) => void = () => undefined

  const blame = (fault: VenueFault): void => {
    faults.set(fault, (faults.get(fault) ?? 0) + 1)
  }
  const report = (next: 'up' | 'down', reason: string): void => {
    if (status === next) return
    status = next
    emit({ type: 'source', source: venue, status: next, reason })
  }

  const take = ({ symbol, bid, ask, sequence }: VenueQuote): void => {
    if (sequence !== undefined) {
      if (sequence <= (sequences.get(symbol) ?? -1)) {
        blame('out-of-order')
        return
      }
      sequences.set(symbol, sequence)
    }
    quotes += 1
    report('up', 'quotes arrive')
    pending.set(symbol, { venue, pair: pairOf.get(symbol)!, bid, ask, seenMs: clock() })
    flush ??= setTimeout(() => {
      const ticks = [...symbols].flatMap((name) => pending.get(name) ?? [])
      pending.clear()
      flush = undefined
      emit({ type: 'ticks', ticks })
    }, flushMs)
  }

  const websocket = createWebsocket({
    url,
    limits,
    ...(nowMs ? { nowMs } : {}),
    ...(random ? { random } : {}),
    handlers: {
      open: (send) => {
        sequences.clear()
        for (const frame of adapter.subscribe([...symbols])) send(frame)
      },
      message: (frame) => {
        const reading = adapter.parse(frame, symbols)
        reading.faults.forEach(blame)
        lastRefusal = reading.detail ?? lastRefusal
        reading.quotes.forEach(take)
        return reading.alive
      },
      down: (reason) => report('down', reason),
    },
  })

  return {
    name: venue,
    start: async (emitTo, signal) => {
      emit = emitTo
      await websocket.run(signal)
      clearTimeout(flush)
    },
    stats: () => ({
      websocket: websocket.stats(),
      quotes,
      faults: Object.fromEntries(faults),
      lastRefusal,
    }),
  }
}
