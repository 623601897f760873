import type { Alert } from '../../../core/types/event.ts'
import type { Sink } from './sink.ts'

/** Writes the alert to the program's log. */
export const createLogSink = (write: (alert: Alert) => void): Sink => ({
  name: 'log',
  deliver: async (alert) => write(alert),
})
