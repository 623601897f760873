/** The closed list of reasons for doing nothing; every position that could be closed carries its last one. */
export const reasons = [
  'healthy',
  'dust',
  'no-route',
  'unprofitable',
  'in-flight',
  'over-cap',
  'no-operator',
  'breaker-open',
  'book-stale',
  'audit-mismatch',
  'oracle-wrong',
  'denied',
  'mode-watch',
  'mode-dry-run',
  'item-failed',
  'outbid',
  'expired',
  'reverted',
  'unsupported',
] as const

export type Reason = (typeof reasons)[number]
