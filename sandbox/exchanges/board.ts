/**
 * The board of one exchange: owns the last quote and the running statistics of every market it lists.
 *
 * 1. A market's price depends on its tick alone; its sequence and sizes move on with every quote.
 * 2. A market that has not ticked for `requoteMs` of wall time is quoted again, so that a live venue never looks dead
 *    while the scenario's clock stands.
 * 3. Ticks that were missed are gone: only the newest is quoted.
 */
import type { ScenarioClock } from '../clock.ts'
import type { Scenario } from '../scenario.ts'
import { listingsOf, type Venue } from './listing.ts'
import { type Quote, quoteAt, tickAt } from './quote.ts'

/** The markets of one exchange and what they quote. */
export interface Board {
  readonly symbols: ReadonlySet<string>
  readonly last: (symbol: string) => Quote
  /** Returns the quotes that fell due since the last call, in the order of the listings. */
  readonly due: () => readonly Quote[]
}

/** Messages in one second of wall time that a venue sends at most to one client. */
const maxPerWallSec = 200
const requoteMs = 500

/** Creates the board of a venue, which quotes as soon as it exists. */
export const createBoard = ({
  scenario,
  venue,
  clock,
  wallNow = Date.now,
}: {
  readonly scenario: Scenario
  readonly venue: Venue
  readonly clock: Pick<ScenarioClock, 'now'>
  readonly wallNow?: () => number
}): Board => {
  const secNow = (): number => clock.now() / 1000 - scenario.chain.startSec

  const markets = listingsOf(scenario, venue, maxPerWallSec).map((listing) => {
    const quote = (tick: number, before?: Quote): Quote => {
      const now = quoteAt(scenario, venue, listing, tick, (before?.sequence ?? 0) + 1)
      const price = Number(now.last)
      const day = before?.day ?? { open: price, high: price, low: price, volume: 0, vwap: price }
      if (!now.traded) return { ...now, day }
      const volume = day.volume + Number(now.lastSize)
      const vwap = (day.vwap * day.volume + price * Number(now.lastSize)) / volume
      const [high, low] = [Math.max(day.high, price), Math.min(day.low, price)]
      return { ...now, day: { open: day.open, high, low, volume, vwap } }
    }
    const tick = tickAt(listing, secNow())
    return { listing, quote, tick, last: quote(tick), wallMs: wallNow() }
  })
  const bySymbol = new Map(markets.map((market) => [market.listing.symbol, market]))

  return {
    symbols: new Set(bySymbol.keys()),
    last: (symbol) => bySymbol.get(symbol)!.last,
    due: () => {
      const [sec, wallMs] = [secNow(), wallNow()]
      return markets.flatMap((market) => {
        const tick = tickAt(market.listing, sec)
        if (tick <= market.tick && wallMs - market.wallMs < requoteMs) return []
        market.last = market.quote(Math.max(tick, market.tick), market.last)
        market.tick = tick
        market.wallMs = wallMs
        return [market.last]
      })
    },
  }
}
