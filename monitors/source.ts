import type { Event } from '../core/types/event.ts'

/** Where events come from: runs until the signal aborts, never throws out of `start`, reports itself by `source` events. */
export interface Source {
  readonly name: string
  readonly start: (emit: (event: Event) => void, signal: AbortSignal) => Promise<void>
}
