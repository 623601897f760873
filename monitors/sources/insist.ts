import { setTimeout as sleep } from 'node:timers/promises'
import { BailiffError, InvariantError, messageOf, TransientError } from '../../core/errors.ts'
import type { SourceStatus } from './source-status.ts'

/** Repeats a step until it succeeds; returns undefined when the signal aborts first. */
export type Insist = <T>(step: (attempt: number) => Promise<T>) => Promise<T | undefined>

const FIRST_DELAY_MS = 100
const LAST_DELAY_MS = 5_000

/** Waits, but not beyond the abort. */
export const pause = async (delayMs: number, signal: AbortSignal): Promise<void> => {
  await sleep(delayMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** Attempts within which a node should have caught up with itself: three make 0.7 s. */
const BEHIND_ATTEMPTS = 3

const isBehind = (thrown: unknown): boolean =>
  thrown instanceof TransientError && ['RPC_REFUSED', 'BLOCK_UNKNOWN'].includes(thrown.code)

const isFatal = (thrown: unknown): boolean =>
  !(thrown instanceof BailiffError) || thrown instanceof InvariantError

/**
 * Creates the patience of a source: growing pauses between attempts, for ever. A node that cannot be reached is told
 * at once; one that refuses or does not know a block may be a moment behind itself, and is told when it stays so.
 */
export const createInsist =
  (status: SourceStatus, signal: AbortSignal): Insist =>
  async (step) => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        const result = await step(attempt)
        if (status.isDown()) status.up('answers again')
        return result
      } catch (thrown) {
        if (isFatal(thrown)) throw thrown
        if (attempt >= BEHIND_ATTEMPTS || !isBehind(thrown)) status.down(messageOf(thrown))
        await pause(Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt), signal)
      }
    }
    return undefined
  }
