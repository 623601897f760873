import type { Head, PendingUpdate } from '../core/types/chain.ts'
import type { Entry, Operator } from '../core/types/event.ts'
import type { Feed, PoolKey } from '../core/types/market.ts'
import type { Tick } from '../core/types/price.ts'
import type { Ms, Raw, Sec } from '../core/units.ts'
import type { PriceView, ProtocolBook } from '../protocols/protocol.ts'
import type { Pools } from '../venues/venue.ts'

/** The world after the last event, as every room but its writer sees it. All maps are keyed in lower case. */
export interface Book {
  readonly nowMs: Ms
  /** Undefined until the first `synced`, and after a `reorg` until the next. */
  readonly head: Head | undefined
  /** Latest tick by `venue:pair`. */
  readonly ticks: ReadonlyMap<string, Tick>
  readonly feeds: ReadonlyMap<string, Feed>
  /** Pending oracle updates by transaction hash; dropped when mined, superseded or older than a few blocks. */
  readonly pending: ReadonlyMap<string, PendingUpdate>
  readonly poolKeys: ReadonlyMap<string, PoolKey>
  readonly pools: Pools
  readonly protocols: readonly ProtocolBook[]
  readonly operators: readonly Operator[]
  /** What audits found that no later audit of the same account took back; nothing is sent while any stands. */
  readonly auditMismatches: readonly string[]
  /** Prices at the feeds' last answers, some replaced by pending ones, at a block's time. */
  readonly view: (timestampSec: Sec, answers?: ReadonlyMap<string, Raw>) => PriceView
}

/** The book with its one writer. */
export interface WritableBook extends Book {
  readonly apply: (entry: Entry) => void
}
