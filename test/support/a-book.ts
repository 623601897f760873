import type { Book } from '../../book/book.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Feed } from '../../core/types/market.ts'
import type { Tick } from '../../core/types/price.ts'
import { gas, ms, sec, wei } from '../../core/units.ts'
import { aFeed } from './a-feed.ts'

/** When builders' worlds stand: the time of `aFeed`'s last answer. */
export const T0 = 1_700_000_000_000

export const aHead = (fields: Partial<Head> = {}): Head => ({
  number: 100,
  hash: `0x${'a'.repeat(64)}`,
  parentHash: `0x${'9'.repeat(64)}`,
  timestampSec: sec(T0 / 1000),
  baseFeeWei: wei(20_000_000_000n),
  gasUsed: gas(15_000_000n),
  gasLimit: gas(30_000_000n),
  seenMs: ms(T0),
  ...fields,
})

/** A best bid and ask one basis point apart around a price. */
export const aTick = (venue: string, pair: string, price: number, seenMs = T0): Tick => ({
  venue,
  pair,
  bid: price * 0.99995,
  ask: price * 1.00005,
  seenMs: ms(seenMs),
})

export interface BookSketch {
  readonly nowMs?: number
  readonly head?: Head | undefined
  readonly ticks?: readonly Tick[]
  readonly feeds?: readonly Feed[]
  readonly auditMismatches?: readonly string[]
}

export const ticksOf = (ticks: readonly Tick[]): ReadonlyMap<string, Tick> =>
  new Map(ticks.map((tick) => [`${tick.venue}:${tick.pair}`, tick]))

/** A book that holds prices and feeds, and neither accounts nor pools. */
export const aBook = (sketch: BookSketch = {}): Book => ({
  nowMs: ms(sketch.nowMs ?? T0),
  head: 'head' in sketch ? sketch.head : aHead(),
  ticks: ticksOf(sketch.ticks ?? []),
  feeds: new Map((sketch.feeds ?? [aFeed()]).map((feed) => [feed.aggregator, feed])),
  pending: new Map(),
  poolKeys: new Map(),
  pools: {
    quoteExactOutput: () => undefined,
    quoteExactInput: () => undefined,
    marginalRate: () => undefined,
  },
  protocols: [],
  operators: [],
  auditMismatches: sketch.auditMismatches ?? [],
  view: (timestampSec) => ({ timestampSec, priceOf: () => undefined }),
})
