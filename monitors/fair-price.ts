/**
 * What every asset is worth in dollars: owns the latest fair prices, computed from the venues' last ticks.
 *
 * 1. Rates first: a price in USDT, USDC or DAI counts times that coin's own fair price, never times one.
 * 2. A tick counts while it is younger than `maxAgeMs`, its book is not crossed and its spread at most `maxSpreadBps`.
 * 3. A venue is one source, however many of its markets price the asset: the median of them.
 * 4. Of three sources or more, those farther than `outlierBps` from the median are left out; two that differ by more
 *    than that are both kept, and the price is degraded.
 * 5. `ok` needs `quorum` sources that agree, `unknown` is no source at all; there is no last price to fall back on.
 */
import type { FairPrice, Tick } from '../core/types/price.ts'
import { bps, ms } from '../core/units.ts'
import { type PricedPair, priceOrder } from './price-order.ts'

export interface FairPriceParams {
  readonly pairs: readonly PricedPair[]
  readonly maxAgeMs: number
  readonly maxSpreadBps: number
  readonly outlierBps: number
  readonly quorum: number
}

export interface FairPrices {
  readonly latest: ReadonlyMap<string, FairPrice>
  /** Prices anew what the ticks touch, or everything when none are given; returns the assets that were priced. */
  readonly update: (
    ticks: ReadonlyMap<string, Tick>,
    nowMs: number,
    touched?: readonly Tick[],
  ) => readonly string[]
}

/** One source's price of an asset, and half the width of what it says. */
interface SourcePrice {
  readonly usd: number
  readonly halfWidthBps: number
}

/** No source is believed to less than this. */
const LEAST_HALF_WIDTH_BPS = 1

const medianOf = (sorted: readonly number[]): number => {
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const apartBps = (a: number, b: number): number => 1e4 * Math.abs(Math.log(a / b))

const ascending = (a: number, b: number): number => a - b

/** Half the width of all that the sources say: each votes with its price and both its ends, as Pyth's publishers do. */
const halfWidthOf = (sources: readonly SourcePrice[]): number => {
  const votes = sources
    .flatMap(({ usd, halfWidthBps }) => [
      usd * (1 - halfWidthBps / 1e4),
      usd,
      usd * (1 + halfWidthBps / 1e4),
    ])
    .sort(ascending)
  const quarter = votes.length >> 2
  const middle = medianOf(votes)
  return Math.max(
    apartBps(votes[quarter]!, middle),
    apartBps(votes[votes.length - 1 - quarter]!, middle),
  )
}

const venuePrice = (markets: readonly SourcePrice[]): SourcePrice =>
  markets.length === 1
    ? markets[0]!
    : {
        usd: medianOf(markets.map(({ usd }) => usd).sort(ascending)),
        halfWidthBps: Math.max(...markets.map(({ halfWidthBps }) => halfWidthBps)),
      }

/** Returns the fair price that sources make together; pure in its arguments. */
const aggregate = (
  asset: string,
  sources: readonly SourcePrice[],
  nowMs: number,
  { outlierBps, quorum }: Pick<FairPriceParams, 'outlierBps' | 'quorum'>,
): FairPrice => {
  const atMs = ms(nowMs)
  if (sources.length === 0) {
    const nothing = { usd: Number.NaN, confidenceBps: bps(Number.POSITIVE_INFINITY), sources: 0 }
    return { asset, status: 'unknown', ...nothing, atMs }
  }
  const prices = sources.map(({ usd }) => usd).sort(ascending)
  const middle = medianOf(prices)
  const near =
    sources.length < 3 ? sources : sources.filter(({ usd }) => apartBps(usd, middle) <= outlierBps)
  // Two camps around an empty middle: nobody is near, everybody counts, and nothing is agreed upon.
  const kept = near.length === 0 ? sources : near
  const agreed =
    near.length >= quorum &&
    (sources.length !== 2 || apartBps(prices[0]!, prices[1]!) <= outlierBps)
  return {
    asset,
    status: agreed ? 'ok' : 'degraded',
    usd: medianOf(kept.map(({ usd }) => usd).sort(ascending)),
    confidenceBps: bps(halfWidthOf(kept)),
    sources: kept.length,
    atMs,
  }
}

/** Creates the fair prices of all assets that have a pair; every one is unknown at first. */
export const createFairPrices = (params: FairPriceParams): FairPrices => {
  const steps = priceOrder(params.pairs)
  const latest = new Map<string, FairPrice>()
  for (const { asset } of steps) latest.set(asset, aggregate(asset, [], 0, params))

  /** Assets to price anew, in the order of the steps, when a tick of this key came: its own and those quoted in it. */
  const touchedBy = new Map<string, readonly string[]>()
  for (const { pairs } of steps) {
    for (const { venue, pair, asset } of pairs) {
      const dirty = new Set([asset])
      for (const later of steps)
        if (later.pairs.some(({ quote }) => dirty.has(quote))) dirty.add(later.asset)
      touchedBy.set(`${venue}:${pair}`, [...dirty])
    }
  }

  const sourceOf = (
    { venue, pair, quote }: PricedPair,
    ticks: ReadonlyMap<string, Tick>,
    nowMs: number,
  ): SourcePrice | undefined => {
    const tick = ticks.get(`${venue}:${pair}`)
    if (!tick || Math.abs(nowMs - tick.seenMs) > params.maxAgeMs) return undefined
    const { bid, ask } = tick
    const mid = (bid + ask) / 2
    const spreadBps = (1e4 * (ask - bid)) / mid
    // Written so that what is no number fails as well.
    if (!(bid > 0 && ask >= bid && spreadBps <= params.maxSpreadBps)) return undefined
    const rate = quote === 'USD' ? undefined : latest.get(quote)
    if (rate?.status === 'unknown' || (quote !== 'USD' && !rate)) return undefined
    const ownBps = Math.max(spreadBps / 2, LEAST_HALF_WIDTH_BPS)
    return {
      usd: mid * (rate?.usd ?? 1),
      halfWidthBps: rate ? Math.hypot(ownBps, rate.confidenceBps) : ownBps,
    }
  }

  return {
    latest,
    update: (ticks, nowMs, touched) => {
      const dirty =
        touched &&
        new Set(touched.flatMap((tick) => touchedBy.get(`${tick.venue}:${tick.pair}`) ?? []))
      const priced: string[] = []
      for (const { asset, pairs } of steps) {
        if (dirty && !dirty.has(asset)) continue
        const byVenue = new Map<string, SourcePrice[]>()
        for (const pair of pairs) {
          const source = sourceOf(pair, ticks, nowMs)
          if (!source) continue
          const others = byVenue.get(pair.venue)
          if (others) others.push(source)
          else byVenue.set(pair.venue, [source])
        }
        latest.set(asset, aggregate(asset, [...byVenue.values()].map(venuePrice), nowMs, params))
        priced.push(asset)
      }
      return priced
    },
  }
}
