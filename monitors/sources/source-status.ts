import type { Event } from '../../core/types/event.ts'

/** Tells whether a source is up, once per turn. */
export interface SourceStatus {
  readonly up: (reason: string) => void
  readonly down: (reason: string) => void
  readonly isDown: () => boolean
}

/** Creates the status of a source that has told nothing yet. */
export const createSourceStatus = (source: string, emit: (event: Event) => void): SourceStatus => {
  let told: 'up' | 'down' | undefined
  const tell = (status: 'up' | 'down', reason: string): void => {
    if (told === status) return
    told = status
    emit({ type: 'source', source, status, reason })
  }
  return {
    up: (reason) => tell('up', reason),
    down: (reason) => tell('down', reason),
    isDown: () => told === 'down',
  }
}
