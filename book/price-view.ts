import type { Feed } from '../core/types/market.ts'
import { type Base, base, type Raw, type Sec } from '../core/units.ts'
import type { PriceView } from '../protocols/protocol.ts'

const BASE_DECIMALS = 8

/** Returns an answer in dollars with 8 decimals, rounded down; undefined for one that a protocol refuses as no price. */
const baseOf = (answerRaw: Raw, decimals: number): Base | undefined => {
  if (answerRaw <= 0n) return undefined
  const scale = 10n ** BigInt(Math.abs(decimals - BASE_DECIMALS))
  return base(decimals > BASE_DECIMALS ? answerRaw / scale : answerRaw * scale)
}

/** Returns the feeds' last answers, some replaced, as the prices at a time; the feeds are read when a price is asked. */
export const createPriceView = (
  feeds: ReadonlyMap<string, Feed>,
  timestampSec: Sec,
  answers?: ReadonlyMap<string, Raw>,
): PriceView => ({
  timestampSec,
  priceOf: (aggregator) => {
    const feed = feeds.get(aggregator)
    return feed && baseOf(answers?.get(aggregator) ?? feed.answerRaw, feed.decimals)
  },
  answerOf: (aggregator) => answers?.get(aggregator) ?? feeds.get(aggregator)?.answerRaw,
})
