import { InvariantError } from './errors.ts'

/**
 * Owns how the newest blocks are undone.
 *
 * 1. What is noted belongs to the block that was begun last; before the first, and after `clear`, nothing is noted.
 * 2. Blocks are undone the latest first, and what is noted in one the latest first.
 * 3. No more than `depth` blocks are kept.
 */
export interface UndoLog {
  readonly begin: (block: number) => void
  /** Notes what would undo a change that is about to be made; not called for what no block brought. */
  readonly note: (undo: () => void) => void
  /** Undoes this block and all after it; throws InvariantError when one of them is not kept. */
  readonly rewind: (block: number) => void
  readonly clear: () => void
}

interface UndoneBlock {
  readonly block: number
  readonly undos: (() => void)[]
}

/** As deep as a node keeps the state of its blocks. */
const DEPTH = 128

/** Creates a log without blocks. */
export const createUndoLog = (depth = DEPTH): UndoLog => {
  let blocks: UndoneBlock[] = []

  return {
    begin: (block) => {
      blocks.push({ block, undos: [] })
      if (blocks.length > depth) blocks.shift()
    },
    note: (undo) => {
      blocks.at(-1)?.undos.push(undo)
    },
    rewind: (block) => {
      const last = blocks.at(-1)?.block ?? block - 1
      const first = blocks[0]?.block ?? block
      if (block < first && block <= last)
        throw new InvariantError(
          'UNDO_TOO_DEEP',
          `Read everything anew: block ${block} is to be undone and ${first} is the first that can be.`,
          { block, first },
        )
      for (let at = blocks.at(-1); at !== undefined && at.block >= block; at = blocks.at(-1)) {
        for (const undo of at.undos.toReversed()) undo()
        blocks.pop()
      }
    },
    clear: () => {
      blocks = []
    },
  }
}
