import type { Scenario } from '../scenario.ts'

export const venues = ['binance', 'coinbase', 'kraken'] as const

export type Venue = (typeof venues)[number]

/** A market of one exchange, named and quoted as that exchange does it. */
export interface Listing {
  /** `ETHUSDT`, `ETH-USD`, `ETH/USD`. */
  readonly symbol: string
  readonly asset: string
  /** Binance has no dollar markets: it quotes in tether. */
  readonly quote: 'USD' | 'USDT'
  readonly delaySec: number
  readonly offsetBps: number
  readonly noiseBps: number
  readonly spreadBps: number
  /** Ticks per second of scenario time, after the cap. */
  readonly ticksPerSec: number
  /** Decimals of the price, so that one increment is small against one basis point. */
  readonly decimals: number
}

/** Returns what the venue calls the market of an asset. */
export const symbolOf = (venue: Venue, asset: string): string => {
  if (venue === 'binance') return `${asset}USDT`
  return venue === 'coinbase' ? `${asset}-USD` : `${asset}/USD`
}

/**
 * Returns the markets that a venue lists in a scenario, in the scenario's order. When all of them together would
 * tick more often than `maxPerWallSec` at the scenario's compression, all are slowed by the same factor.
 */
export const listingsOf = (
  scenario: Scenario,
  venue: Venue,
  maxPerWallSec: number,
): readonly Listing[] => {
  const listed = Object.entries(scenario.prices).flatMap(([asset, price]) => {
    const settings = price.exchanges[venue]
    const tradesAgainstItself = venue === 'binance' && asset === 'USDT'
    return settings && !tradesAgainstItself ? [{ asset, price, settings }] : []
  })
  const perSec = listed.reduce((total, { settings }) => total + settings.ticksPerSec, 0)
  const factor = Math.min(1, maxPerWallSec / (perSec * scenario.chain.compression))
  return listed.map(({ asset, price, settings }) => ({
    ...settings,
    symbol: symbolOf(venue, asset),
    asset,
    quote: venue === 'binance' ? 'USDT' : 'USD',
    ticksPerSec: settings.ticksPerSec * factor,
    decimals: Math.max(2, 5 - Math.floor(Math.log10(price.usd[0]![1]))),
  }))
}
