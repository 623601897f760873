import type { Reason } from '../core/reasons.ts'

/**
 * Owns the last reason told of each position, so that a fact is written only when it changes.
 *
 * 1. In one block a position is told each reason once, however often it changes to and fro.
 * 2. It holds a bounded number of positions; the one told longest ago is forgotten first, and may be told again.
 */
export interface RefusalLedger {
  /** True when the reason is news for the position in this block. */
  readonly isNews: (position: string, reason: Reason, block: number) => boolean
  /** A plan was made: the next refusal is news, whatever it says. */
  readonly forget: (position: string) => void
}

/** More than any market has accounts near liquidation; 20 MB at the most. */
const maxPositions = 50_000

/** Creates an empty ledger. */
export const createRefusalLedger = (): RefusalLedger => {
  const last = new Map<string, Reason>()
  const told = new Set<string>()
  let toldBlock = -1

  return {
    isNews: (position, reason, block) => {
      if (last.get(position) === reason) return false
      if (block !== toldBlock) {
        told.clear()
        toldBlock = block
      }
      last.delete(position)
      last.set(position, reason)
      for (const oldest of last.keys()) {
        if (last.size <= maxPositions) break
        last.delete(oldest)
      }
      const mark = `${position} ${reason}`
      if (told.has(mark)) return false
      told.add(mark)
      return true
    },
    forget: (position) => {
      last.delete(position)
    },
  }
}
