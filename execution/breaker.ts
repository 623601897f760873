import type { Ms } from '../core/units.ts'

/**
 * Owns whether one builder is worth asking.
 * 1. `failures` in a row open it for `restMs`; while it is open nothing is admitted.
 * 2. After that one is admitted on trial: it closes the breaker, or opens it anew.
 */
export interface Breaker {
  readonly admits: () => boolean
  readonly succeeded: () => void
  readonly failed: () => void
}

/** Creates a closed breaker on this clock. */
export const createBreaker = (deps: {
  readonly clock: () => Ms
  readonly failures: number
  readonly restMs: number
}): Breaker => {
  let inARow = 0
  let closedAgainMs = Number.NEGATIVE_INFINITY

  return {
    admits: () => {
      if (deps.clock() < closedAgainMs) return false
      // The one on trial has until the end of another rest; whoever comes meanwhile is not admitted.
      if (inARow >= deps.failures) closedAgainMs = deps.clock() + deps.restMs
      return true
    },
    succeeded: () => {
      inARow = 0
      closedAgainMs = Number.NEGATIVE_INFINITY
    },
    failed: () => {
      inARow += 1
      if (inARow >= deps.failures) closedAgainMs = deps.clock() + deps.restMs
    },
  }
}
