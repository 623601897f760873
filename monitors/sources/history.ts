import { BailiffError } from '../../core/errors.ts'
import type { Event } from '../../core/types/event.ts'
import type { LogReader } from './log-reader.ts'

/** Below so few blocks a refusal is no matter of size. */
const SMALLEST_CHUNK = 16
/** Chunks grow while they hold fewer logs than this. */
const FEW_LOGS = 2_000

/**
 * Emits the past from one block to another as `history` events in order. Chunks double while they hold little and halve
 * when the node refuses one; a refusal of the smallest is thrown.
 */
export const readHistory = async ({
  reader,
  fromBlock,
  toBlock,
  chunkBlocks,
  emit,
  signal,
  progress,
}: {
  readonly reader: LogReader
  readonly fromBlock: number
  readonly toBlock: number
  readonly chunkBlocks: number
  readonly emit: (event: Event) => void
  readonly signal: AbortSignal
  readonly progress: (block: number, calls: number) => void
}): Promise<void> => {
  let chunk = chunkBlocks
  let calls = 0
  for (let from = fromBlock; from <= toBlock && !signal.aborted; ) {
    const to = Math.min(toBlock, from + chunk - 1)
    calls += 1
    try {
      const { changes, logs } = await reader.ofRange(from, to)
      if (changes.length > 0) emit({ type: 'history', fromBlock: from, toBlock: to, changes })
      from = to + 1
      if (logs < FEW_LOGS) chunk *= 2
    } catch (thrown) {
      if (!(thrown instanceof BailiffError) || chunk <= SMALLEST_CHUNK) throw thrown
      chunk = Math.max(SMALLEST_CHUNK, Math.floor(chunk / 2))
    }
    progress(from - 1, calls)
  }
}
