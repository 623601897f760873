import { messageOf } from '../../core/errors.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Receipt } from '../../core/types/event.ts'
import { pause } from './insist.ts'

/**
 * Receipts that were handed to us and not told yet: they are handed over once, and the block they belong to may fail to
 * be read in between.
 */
export interface DueReceipts {
  /** Asks for what is due at a head; never rejects, and takes no longer than its time. */
  readonly collect: (head: Head) => Promise<void>
  /** Returns all that is held, and holds it no longer. */
  readonly take: () => readonly Receipt[]
  /** Forgets receipts of blocks that were replaced; they are handed over anew when they are of blocks again. */
  readonly drop: (fromBlock: number) => void
}

/** Creates the receipts, none of them held. */
export const createDueReceipts = ({
  collectReceipts,
  timeoutMs,
  log,
}: {
  readonly collectReceipts: (head: Head) => Promise<readonly Receipt[]>
  readonly timeoutMs: number
  readonly log: (text: string) => void
}): DueReceipts => {
  let held: readonly Receipt[] = []
  return {
    collect: async (head) => {
      const ending = new AbortController()
      const collecting = collectReceipts(head).then(
        (receipts) => {
          held = [...held, ...receipts]
        },
        (thrown: unknown) => {
          log(`receipts for block ${head.number} were not read: ${messageOf(thrown)}`)
        },
      )
      const late = pause(timeoutMs, ending.signal).then(() => {
        if (!ending.signal.aborted)
          log(`block ${head.number} does not wait for its receipts: ${timeoutMs} ms are over`)
      })
      await Promise.race([collecting, late])
      ending.abort()
    },
    take: () => {
      const taken = held
      held = []
      return taken
    },
    drop: (fromBlock) => {
      held = held.filter(({ block }) => block < fromBlock)
    },
  }
}
