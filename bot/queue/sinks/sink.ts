import type { Alert } from '../../../core/types/event.ts'

/** Where an alert is delivered; rejects when it was not, so that the queue tries again. */
export interface Sink {
  readonly name: string
  readonly deliver: (alert: Alert, id: string) => Promise<void>
}
