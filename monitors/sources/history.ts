/**
 * The past of the contracts that we follow, as `history` events: owns what has been read of it.
 *
 * 1. Chunks double while they hold little and halve when the node refuses one. A node that does not answer is no
 *    refusal: the same chunk is asked for again, as is the smallest whatever it is refused for.
 * 2. What is settled is kept, so that a reorg does not read it again: as long as its last block is the chain's still,
 *    the same contracts are followed and it is at most `keptChanges` long.
 */
import { BailiffError } from '../../core/errors.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'
import type { Insist } from './insist.ts'
import type { LogReader, ReadLogs } from './log-reader.ts'

export interface History {
  /** Emits all of the past up to a head, in order. */
  readonly tell: (head: Head, reader: LogReader) => Promise<void>
}

/** Below so few blocks a refusal is no matter of size. */
const SMALLEST_CHUNK = 16
/** Chunks grow while they hold fewer logs than this. */
const FEW_LOGS = 2_000
/** No chain that we follow replaces blocks this deep. */
const SETTLED_BLOCKS = 64

type Chunk = Extract<Event, { readonly type: 'history' }>

/** Creates the history, nothing of it read. */
export const createHistory = ({
  fromBlock,
  chunkBlocks,
  keptChanges = 500_000,
  headAt,
  emit,
  insist,
  signal,
  progress,
}: {
  readonly fromBlock: number
  readonly chunkBlocks: number
  readonly keptChanges?: number
  readonly headAt: (block: number) => Promise<Head>
  readonly emit: (event: Event) => void
  readonly insist: Insist
  readonly signal: AbortSignal
  readonly progress: (block: number, calls: number) => void
}): History => {
  let kept: Chunk[] = []
  let changesKept = 0
  /** The block up to which chunks are kept, and whose logs they are. */
  let anchor: { readonly head: Head; readonly followed: string } | undefined
  let calls = 0

  const forget = (): void => {
    kept = []
    changesKept = 0
    anchor = undefined
  }

  /** Without that block, as on a chain that begins later, nothing is kept: that costs time and nothing else. */
  const headIfThere = async (block: number): Promise<Head | undefined> => {
    try {
      return await headAt(block)
    } catch (thrown) {
      if (thrown instanceof BailiffError) return undefined
      throw thrown
    }
  }

  const tellChunk = (from: number, to: number, changes: readonly Change[]): Chunk => {
    const chunk: Chunk = { type: 'history', fromBlock: from, toBlock: to, changes }
    if (changes.length > 0) emit(chunk)
    return chunk
  }

  /** Reads one range; undefined when the node refuses its size. */
  const readRange = async (
    reader: LogReader,
    from: number,
    to: number,
  ): Promise<(ReadLogs & { readonly logs: number }) | undefined> => {
    const read = await insist(async () => {
      try {
        calls += 1
        return { range: await reader.ofRange(from, to) }
      } catch (thrown) {
        const refused = thrown instanceof BailiffError && thrown.code === 'RPC_REFUSED'
        if (refused && to - from >= SMALLEST_CHUNK) return { range: undefined }
        throw thrown
      }
    })
    return read?.range
  }

  const tellRange = async (
    reader: LogReader,
    fromTo: readonly [number, number],
    keep: (chunk: Chunk) => void,
  ): Promise<void> => {
    const [first, last] = fromTo
    let size = chunkBlocks
    for (let from = first; from <= last && !signal.aborted; ) {
      const to = Math.min(last, from + size - 1)
      const range = await readRange(reader, from, to)
      if (signal.aborted) return
      if (range === undefined) {
        size = Math.max(SMALLEST_CHUNK, Math.floor(Math.min(size, to - from + 1) / 2))
        continue
      }
      keep(tellChunk(from, to, range.changes))
      from = to + 1
      if (range.logs < FEW_LOGS) size *= 2
      progress(to, calls)
    }
  }

  const keep = (chunk: Chunk): void => {
    changesKept += chunk.changes.length
    if (changesKept <= keptChanges) kept.push(chunk)
  }

  return {
    tell: async (head, reader) => {
      if (anchor && anchor.head.number > head.number - SETTLED_BLOCKS) forget()
      if (anchor) {
        const { number, hash } = anchor.head
        const now = await headIfThere(number)
        if (now?.hash !== hash || reader.followed !== anchor.followed) forget()
      }
      for (const chunk of kept) if (chunk.changes.length > 0) emit(chunk)
      const settled = Math.max(anchor?.head.number ?? fromBlock - 1, head.number - SETTLED_BLOCKS)
      await tellRange(reader, [(anchor?.head.number ?? fromBlock - 1) + 1, settled], keep)
      const end = settled < fromBlock ? undefined : await headIfThere(settled)
      if (end === undefined || changesKept > keptChanges) forget()
      else anchor = { head: end, followed: reader.followed }
      await tellRange(reader, [settled + 1, head.number], () => undefined)
    },
  }
}
