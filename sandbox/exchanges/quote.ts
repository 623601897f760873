import { noise, uniform, usdAt } from '../price-path.ts'
import type { Scenario } from '../scenario.ts'
import type { Listing, Venue } from './listing.ts'

/** Statistics of a market's trades so far. */
export interface Day {
  readonly open: number
  readonly high: number
  readonly low: number
  /** In units of the asset. */
  readonly volume: number
  /** Turnover over volume; the price of the first trade while there is none. */
  readonly vwap: number
}

/** The top of one book at one tick, in the venue's own decimals. */
export interface Quote {
  readonly symbol: string
  /** Counts the messages of this market; grows by one with each. */
  readonly sequence: number
  readonly bid: string
  readonly ask: string
  readonly bidSize: string
  readonly askSize: string
  /** The price of the last trade: the side that the taker met. */
  readonly last: string
  readonly takerBuys: boolean
  readonly lastSize: string
  /** Whether a trade caused this quote, not a change of an order alone. */
  readonly traded: boolean
  /** Since the scenario's start, which is all the day that there is. */
  readonly day: Day
  /** Scenario time. */
  readonly atMs: number
}

/** One message in so many is a trade; the others are makers moving their orders. */
const messagesPerTrade = 4

/** Returns the index of the tick that a listing stands on at a scenario second. */
export const tickAt = (listing: Listing, sec: number): number =>
  Math.floor(Math.max(0, sec) * listing.ticksPerSec)

/**
 * Returns the quote of a listing at a tick: the path as it was `delaySec` ago, with the venue's premium and noise,
 * half the spread to either side, the bid rounded down and the ask up. Depends on nothing but its arguments.
 */
export const quoteAt = (
  scenario: Scenario,
  venue: Venue,
  listing: Listing,
  tick: number,
  sequence: number,
): Omit<Quote, 'day'> => {
  const { asset, decimals, symbol } = listing
  const sec = tick / listing.ticksPerSec
  const seenSec = sec - listing.delaySec
  const usdPerQuote =
    listing.quote === 'USDT' && scenario.prices.USDT ? usdAt(scenario, 'USDT', seenSec) : 1
  const shiftBps = listing.offsetBps + listing.noiseBps * noise(scenario.seed, asset, venue, tick)
  const mid = (usdAt(scenario, asset, seenSec) / usdPerQuote) * (1 + shiftBps / 1e4)
  const half = (mid * listing.spreadBps) / 2e4
  const unit = 10 ** decimals
  const bid = (Math.floor((mid - half) * unit) / unit).toFixed(decimals)
  const ask = (Math.ceil((mid + half) * unit) / unit).toFixed(decimals)
  const size = (name: string): string =>
    ((uniform(scenario.seed, asset, venue, sequence, name) * 20_000 + 100) / mid).toFixed(8)
  const takerBuys = uniform(scenario.seed, asset, venue, sequence, 'side') < 0.5
  return {
    symbol,
    sequence,
    bid,
    ask,
    bidSize: size('bid'),
    askSize: size('ask'),
    last: takerBuys ? ask : bid,
    takerBuys,
    lastSize: size('last'),
    traded: sequence % messagesPerTrade === 0,
    atMs: scenario.chain.startSec * 1000 + sec * 1000,
  }
}
