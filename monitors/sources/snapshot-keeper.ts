/**
 * What a restart need not read again: owns a second book of accounts and pools beside the loop's, from which snapshots are
 * written while the loop goes on.
 *
 * 1. It is told what the loop is told. While a snapshot is written nothing is applied: what comes meanwhile waits.
 * 2. A snapshot is of the end of one block, by its hash, and of the contracts that were followed; it is written when asked
 *    for, and at every `everyBlocks`th block that is followed.
 * 3. A snapshot that cannot be written costs the next start time, and nothing else.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import { messageOf } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'

/** Of what a snapshot is. */
export interface SnapshotName {
  readonly block: number
  readonly hash: Hex
  /** The contracts that were followed. */
  readonly followed: string
}

export interface StoredSnapshot extends SnapshotName {
  /** The changes that lead from nothing to the end of the block, in parts; throws where the file is torn. */
  readonly read: () => AsyncIterable<readonly Change[]>
}

/** Where snapshots lie. */
export interface SnapshotStore {
  readonly save: (name: SnapshotName, parts: AsyncIterable<readonly Change[]>) => Promise<void>
  /** Those that may be read, the newest first. */
  readonly list: () => Promise<readonly StoredSnapshot[]>
}

/** What is kept of the chain: books of protocols and the pools. */
export interface Snapshotted {
  readonly apply: (event: Event) => void
  /** The changes that lead from nothing to what is held. */
  readonly snapshot: () => Iterable<Change>
}

export interface SnapshotKeeper {
  readonly store: SnapshotStore
  readonly observe: (event: Event) => void
  /** Writes what stands at the end of this block, which was told last; at once, or when the one before it is written. */
  readonly take: (name: SnapshotName) => void
  /** Resolves when nothing is being written. */
  readonly idle: () => Promise<void>
  /** The changes that lead from nothing to what is held, once nothing is being written. */
  readonly held: () => Promise<readonly Change[]>
}

const PART = 2_000

/** Creates a keeper that has been told nothing. */
export const createSnapshotKeeper = ({
  kept,
  store,
  log,
}: {
  readonly kept: readonly Snapshotted[]
  readonly store: SnapshotStore
  readonly log: (text: string) => void
}): SnapshotKeeper => {
  const waiting: (Event | SnapshotName)[] = []
  let writing: Promise<void> | undefined

  const partsOf = async function* (): AsyncIterable<readonly Change[]> {
    let part: Change[] = []
    for (const one of kept) {
      for (const change of one.snapshot()) {
        part.push(change)
        if (part.length < PART) continue
        yield part
        part = []
        await breathe()
      }
    }
    yield part
  }

  const write = async (name: SnapshotName): Promise<void> => {
    try {
      await store.save(name, partsOf())
    } catch (thrown) {
      log(`no snapshot of block ${name.block}, the next start reads more: ${messageOf(thrown)}`)
    }
  }

  const goOn = (): void => {
    writing = undefined
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if ('type' in next) apply(next)
      else {
        begin(next)
        return
      }
    }
  }

  const begin = (name: SnapshotName): void => {
    writing = write(name).then(goOn)
  }

  const apply = (event: Event): void => {
    for (const one of kept) one.apply(event)
  }

  const idle = async (): Promise<void> => {
    while (writing !== undefined) await writing
  }

  return {
    store,
    observe: (event) => {
      if (writing === undefined) apply(event)
      else waiting.push(event)
    },
    take: (name) => {
      if (writing === undefined) begin(name)
      else waiting.push(name)
    },
    idle,
    held: async () => {
      await idle()
      return kept.flatMap((one) => [...one.snapshot()])
    },
  }
}
