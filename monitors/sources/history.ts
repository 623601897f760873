/**
 * The past of the contracts that we follow, as `history` events.
 *
 * 1. Chunks double while they hold little and halve when the node refuses one. A node that does not answer is no
 *    refusal: the same chunk is asked for again, as is the smallest whatever it is refused for.
 * 2. What the newest snapshot holds is not read again, as long as its block is the chain's still and the same contracts
 *    are followed. One that is torn is passed over.
 * 3. Snapshots are asked for at the last block that is settled, and every so many changes on the way there.
 */
import { BailiffError } from '../../core/errors.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'
import type { Insist } from './insist.ts'
import type { LogReader, ReadLogs } from './log-reader.ts'
import type { SnapshotKeeper, StoredSnapshot } from './snapshot-keeper.ts'

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

const PROGRESS_MS = 2_000
/** A reading of hours that breaks off is not begun anew. */
const CHANGES_A_SNAPSHOT = 250_000

/** Creates the history from a block on. */
export const createHistory = ({
  fromBlock,
  chunkBlocks,
  headAt,
  snapshots,
  emit,
  insist,
  signal,
  log,
}: {
  readonly fromBlock: number
  readonly chunkBlocks: number
  readonly headAt: (block: number) => Promise<Head>
  readonly snapshots: SnapshotKeeper
  readonly emit: (event: Event) => void
  readonly insist: Insist
  readonly signal: AbortSignal
  readonly log: (text: string) => void
}): History => {
  let calls = 0
  let toldMs = Number.NEGATIVE_INFINITY

  /** Says how far a reading has come: a bar, the block, the calls made and what is left by what it took so far. */
  const progress = (first: number, to: number, last: number, beganMs: number): void => {
    const nowMs = performance.now()
    if (to < last && nowMs - toldMs < PROGRESS_MS) return
    toldMs = nowMs
    const done = (to - first + 1) / (last - first + 1)
    const leftSec = Math.ceil(((nowMs - beganMs) / 1_000) * (1 / done - 1))
    const bar = '#'.repeat(Math.round(20 * done)).padEnd(20, '-')
    log(
      `history [${bar}] block ${to} of ${last}, ${calls} calls${to < last ? `, about ${leftSec} s left` : ''}`,
    )
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

  const tellChunk = (from: number, toBlock: number, changes: readonly Change[]): void => {
    if (changes.length > 0) emit({ type: 'history', fromBlock: from, toBlock, changes })
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

  const readRanges = async (reader: LogReader, first: number, last: number): Promise<void> => {
    let size = chunkBlocks
    let unsaved = 0
    const beganMs = performance.now()
    for (let from = first; from <= last && !signal.aborted; ) {
      const to = Math.min(last, from + size - 1)
      const range = await readRange(reader, from, to)
      if (signal.aborted) return
      if (range === undefined) {
        size = Math.max(SMALLEST_CHUNK, Math.floor(Math.min(size, to - from + 1) / 2))
        continue
      }
      tellChunk(from, to, range.changes)
      unsaved += range.changes.length
      if (unsaved >= CHANGES_A_SNAPSHOT) {
        await save(to, reader)
        unsaved = 0
      }
      from = to + 1
      if (range.logs < FEW_LOGS) size *= 2
      progress(first, to, last, beganMs)
    }
  }

  const save = async (block: number, { followed }: LogReader): Promise<void> => {
    const head = await headIfThere(block)
    if (head !== undefined) snapshots.take({ block, hash: head.hash, followed })
  }

  const isUsable = async (
    { block, hash, followed }: StoredSnapshot,
    head: Head,
    reader: LogReader,
  ): Promise<boolean> =>
    followed === reader.followed &&
    block <= head.number &&
    (await headIfThere(block))?.hash === hash

  /** Tells what the newest snapshot of use holds, and returns its block; undefined without one. */
  const tellSnapshot = async (head: Head, reader: LogReader): Promise<number | undefined> => {
    for (const snapshot of await snapshots.store.list()) {
      if (!(await isUsable(snapshot, head, reader))) continue
      try {
        // Whole before it is told: half of one cannot be taken back.
        const parts: (readonly Change[])[] = []
        for await (const part of snapshot.read()) parts.push(part)
        for (const part of parts) tellChunk(fromBlock, snapshot.block, part)
        log(`begins with the snapshot of block ${snapshot.block}`)
        return snapshot.block
      } catch (thrown) {
        if (!(thrown instanceof BailiffError)) throw thrown
        log(thrown.message)
      }
    }
    return undefined
  }

  return {
    tell: async (head, reader) => {
      const known = (await tellSnapshot(head, reader)) ?? fromBlock - 1
      const settled = head.number - SETTLED_BLOCKS
      await readRanges(reader, known + 1, settled)
      if (settled > known && settled >= fromBlock) await save(settled, reader)
      await readRanges(reader, Math.max(known, settled) + 1, head.number)
    },
  }
}
