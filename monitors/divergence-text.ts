import type { Feed } from '../core/types/market.ts'
import type { Divergence, FairPrice } from '../core/types/price.ts'
import type { Gap } from './gap.ts'

/** Writes a price with as many digits as tell it from its neighbours. */
const usd = (price: number): string =>
  price >= 100 || price <= 0 ? price.toFixed(2) : price.toPrecision(6)

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(1)}`

const advice: Readonly<Record<Divergence['kind'], (feed: Feed, it: Divergence) => string>> = {
  lag: (_, it) =>
    `Expect the next answer near ${usd(it.fairUsd)} and have ready what it makes liquidatable.`,
  stuck: (feed) =>
    `Check the transmitters of ${feed.aggregator} and do not lend against this price until it answers.`,
  wrong: (feed) =>
    `Do not act on this price: check the feed ${feed.proxy} and what its markets have lent on it.`,
}

const reason: Readonly<Record<Divergence['kind'], string>> = {
  lag: 'lags behind the market',
  stuck: 'does not follow the market',
  wrong: 'is wrong',
}

/** Returns what an open divergence is and what to do, in one line with its numbers. */
export const divergenceText = (
  feed: Feed,
  it: Divergence,
  fair: FairPrice,
  nowMs: number,
): string => {
  const ageSec = Math.max(0, Math.round(nowMs / 1000 - feed.updatedSec))
  return (
    `${it.asset} oracle ${reason[it.kind]}: it says ${usd(it.oracleUsd)}, ${ageSec} s old, ` +
    `${fair.sources} sources say ${usd(it.fairUsd)} ± ${fair.confidenceBps.toFixed(1)} bps; ` +
    `the gap is ${signed(it.gapBps)} bps, the feed updates at ${feed.thresholdBps} bps or ${feed.heartbeatSec} s. ` +
    advice[it.kind](feed, it)
  )
}

/** Returns that a divergence is over, and how long it was open. */
export const resolvedText = (feed: Feed, gap: Gap, opened: Divergence, nowMs: number): string =>
  `${feed.asset} oracle is back with the market: it says ${usd(gap.oracleUsd)}, the market ${usd(gap.fairUsd)}, ` +
  `${signed(gap.gapBps)} bps apart after ${Math.round((nowMs - opened.openedMs) / 1000)} s. Nothing to do.`
