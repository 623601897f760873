import type { Book } from '../book/book.ts'
import type { Alert, Event } from '../core/types/event.ts'
import type { FairPrice } from '../core/types/price.ts'

/** What is true and what differs: derived from the book alone, so that a replay derives it again. */
export interface Monitor {
  /** Fair price by asset, after the last event. */
  readonly fair: ReadonlyMap<string, FairPrice>
  /** Called once after each event that the book applied; returns what opened or closed. */
  readonly observe: (book: Book, event: Event) => readonly Alert[]
}
