import { TransientError } from '../../../core/errors.ts'
import type { Sink } from './sink.ts'

const deadlineMs = 5_000

/** Posts the alert as JSON; its id travels as `Idempotency-Key`, since a queue delivers at least once. */
export const createWebhookSink = (url: string): Sink => ({
  name: 'webhook',
  deliver: async (alert, id) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ ...alert, id }),
      signal: AbortSignal.timeout(deadlineMs),
    })
    await response.arrayBuffer()
    if (!response.ok)
      throw new TransientError(
        'WEBHOOK_REFUSED',
        `The alert webhook answered ${response.status}; it will be tried again.`,
      )
  },
})
