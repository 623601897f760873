import type { Book } from '../book/book.ts'
import type { Reason } from '../core/reasons.ts'
import type { Event } from '../core/types/event.ts'
import type { Plan } from '../core/types/plan.ts'
import type { FairPrice } from '../core/types/price.ts'
import type { Gas, Sec } from '../core/units.ts'
import type { Pools } from '../venues/venue.ts'

/** What a strategy sees: the book, and what the monitors concluded from it. */
export interface World {
  readonly book: Book
  readonly fair: ReadonlyMap<string, FairPrice>
  /** The pools as the open intents for the next block leave them; the book's own when there are none. */
  readonly pools: Pools
  /** The gas limits of the open intents for the next block. */
  readonly openGas: Gas
  /** Positions that an unsettled intent holds already; planning them again would be a second nonce. */
  readonly inFlight: ReadonlySet<string>
  /** When the block after the head will be mined, on the chain's clock. */
  readonly nextBlockSec: Sec
}

export interface Refusal {
  readonly position: string
  readonly reason: Reason
}

export interface Verdict {
  /** Plans of one bundle, in their order. */
  readonly plans: readonly Plan[]
  readonly refusals: readonly Refusal[]
}

/** A strategy is a function of the world and of what just happened; it keeps no state. */
export interface Strategy {
  readonly name: string
  readonly evaluate: (world: World, event: Event) => Verdict
}
