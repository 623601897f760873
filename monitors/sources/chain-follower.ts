/**
 * The chain from a head on: owns which blocks have been told.
 *
 * 1. Every block is told once and after its parent, by its hash, with its logs; operators' accounts and the receipts that
 *    it settles are told before it. Nothing of a block is told before all of it has been read.
 * 2. A head is put in its place: a block we told is passed over, a child is told, a gap before it is filled by numbers.
 * 3. A block that the node holds canonical and that does not fit ends the following, if the node no longer stands by
 *    what we told: the blocks from there on were replaced. A head that the node does not stand by is dropped, and so is
 *    one from before everything was read.
 * 4. A configuration that a block changed is read at that block and told before it, and the block's logs are those of
 *    the contracts that are followed from then on. Proxies are asked for their aggregators every `recheckBlocks`.
 */
import { TransientError } from '../../core/errors.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Event, Operator } from '../../core/types/event.ts'
import type { Feed } from '../../core/types/market.ts'
import type { ChainReads } from './chain-reads.ts'
import type { ChainState } from './chain-state.ts'
import type { DueReceipts } from './due-receipts.ts'
import type { Heads } from './heads.ts'
import type { Insist } from './insist.ts'
import type { LogReader, ReadLogs } from './log-reader.ts'
import type { SnapshotKeeper } from './snapshot-keeper.ts'
import type { WatchedFeeds } from './watched-feeds.ts'

/** Where a reading ended, and what it found. */
export interface Synced {
  readonly head: Head
  readonly state: ChainState
  readonly reader: LogReader
  /** The blocks that were told before the head, in order. */
  readonly before: readonly Head[]
}

/** Where the chain parted from what we told. */
export interface Replaced {
  readonly block: number
  /** What was told that the node still stands by, in order, as far back as is remembered; empty when that is nothing. */
  readonly standing: readonly Head[]
}

/** No deeper reorg is told apart from one of this depth. */
const REMEMBERED_BLOCKS = 128
/** Nodes keep the accounts of so many blocks at least; farther back they are history of no use. */
const ACCOUNT_BLOCKS = 64
/** An hour of mainnet. */
const SNAPSHOT_BLOCKS = 300
/** A head that its own node does not have after so many questions does not exist. */
const UNKNOWN_ATTEMPTS = 3

/** What of a feed tells whether it must be followed otherwise than before. */
const identityOf = ({ aggregator, transmitters, minAnswerRaw, maxAnswerRaw }: Feed): string =>
  [aggregator, minAnswerRaw, maxAnswerRaw, ...transmitters].join().toLowerCase()

const isUnknownBlock = (thrown: unknown): boolean =>
  thrown instanceof TransientError && thrown.code === 'BLOCK_UNKNOWN'

interface Reading {
  readonly logs: ReadLogs
  /** Present when the block changed what is followed. */
  readonly anew?: Pick<Synced, 'state' | 'reader'>
}

/** Follows the chain; resolves to what was replaced or, when what was told is void, all of it; undefined at the abort. */
export const followChain = async ({
  from,
  heads,
  reads,
  watched,
  receipts,
  snapshots,
  recheckBlocks,
  emit,
  insist,
  isVoid,
  signal,
}: {
  readonly from: Synced
  readonly heads: Heads
  readonly reads: ChainReads
  readonly watched: WatchedFeeds
  readonly receipts: DueReceipts
  readonly snapshots: SnapshotKeeper
  readonly recheckBlocks: number
  readonly emit: (event: Event) => void
  readonly insist: Insist
  readonly isVoid: () => boolean
  readonly signal: AbortSignal
}): Promise<Replaced | undefined> => {
  let { head: tip, state, reader } = from
  let recent: readonly Head[] = [...from.before, tip]
  let rechecked = tip.number

  /** Whether the node stands by a block; a chain that has become shorter does not. */
  const isCanonical = async ({ number, hash }: Head): Promise<boolean> => {
    try {
      return (await reads.headAt(number)).hash === hash
    } catch (thrown) {
      if (isUnknownBlock(thrown)) return false
      throw thrown
    }
  }

  /** What is no longer as we told it, as far back as we remember; undefined when all still is. */
  const findReplaced = async (): Promise<Replaced | undefined> => {
    for (let count = recent.length; count > 0; count--) {
      const told = recent[count - 1]!
      if (!(await isCanonical(told))) continue
      return told === tip ? undefined : { block: told.number + 1, standing: recent.slice(0, count) }
    }
    return { block: recent[0]!.number, standing: [] }
  }

  const readBlock = async (next: Head): Promise<Reading> => {
    const logs = await reader.ofBlock(next)
    if (!logs.feedsChanged && !logs.changes.some(({ type }) => type === 'aave/config'))
      return { logs }
    const read = await reads.stateAt(next)
    const anew = { state: read, reader: reads.logReader(read) }
    return { logs: await anew.reader.ofBlock(next), anew }
  }

  const tellAnew = (block: number, anew: Pick<Synced, 'state' | 'reader'>): void => {
    state = anew.state
    reader = anew.reader
    watched.set(state.feeds, state.forwarders)
    emit({ type: 'market', block, market: state.market })
    emit({ type: 'feeds', block, feeds: state.feeds })
  }

  const tell = async (next: Head, distance: number): Promise<void> => {
    const operators: Promise<readonly Operator[]> =
      distance < ACCOUNT_BLOCKS ? reads.operatorsAt(next) : Promise.resolve([])
    const collecting = receipts.collect(next)
    const [{ logs, anew }, accounts] = await Promise.all([readBlock(next), operators, collecting])
    if (signal.aborted) return
    if (accounts.length > 0) emit({ type: 'operators', operators: accounts })
    for (const receipt of receipts.take()) emit({ type: 'receipt', receipt })
    if (anew) tellAnew(next.number, anew)
    watched.follow(logs.changes)
    emit({ type: 'block', head: next, changes: logs.changes })
    if (next.number % SNAPSHOT_BLOCKS === 0)
      snapshots.take({ block: next.number, hash: next.hash, followed: reader.followed })
    tip = next
    recent = [...recent, next].slice(-REMEMBERED_BLOCKS)
  }

  /** Puts a head in its place; resolves to what was replaced, if anything was. */
  const place = async (heard: Head, isFirst: boolean): Promise<Replaced | undefined> => {
    if (recent.some(({ hash }) => hash === heard.hash)) return undefined
    if (heard.number <= tip.number) return (await isCanonical(heard)) ? findReplaced() : undefined
    while (tip.number < heard.number && !signal.aborted) {
      const isHeard = isFirst && heard.number === tip.number + 1
      const next = isHeard ? heard : await reads.headAt(tip.number + 1)
      if (next.parentHash !== tip.hash) return findReplaced()
      await tell(next, heard.number - next.number)
    }
    return undefined
  }

  /** Places a head however often the node fails; one that does not exist is given up. */
  const placeHeard = async (heard: Head): Promise<Replaced | undefined> =>
    insist(async (attempt) => {
      try {
        return await place(heard, attempt === 0)
      } catch (thrown) {
        if (isUnknownBlock(thrown) && attempt >= UNKNOWN_ATTEMPTS) return undefined
        throw thrown
      }
    })

  /** Looks whether proxies still stand before the same aggregators, which no log tells. */
  const recheck = async (): Promise<void> => {
    rechecked = tip.number
    const { feeds } = await reads.feedsAt(tip)
    if (feeds.map(identityOf).join() === state.feeds.map(identityOf).join()) return
    const read = await reads.stateAt(tip)
    tellAnew(tip.number, { state: read, reader: reads.logReader(read) })
  }

  for (let heard = await heads.next(); heard; heard = await heads.next()) {
    const replaced = await placeHeard(heard)
    if (replaced !== undefined) return replaced
    if (isVoid()) return { block: tip.number + 1, standing: [] }
    if (tip.number - rechecked >= recheckBlocks) await insist(recheck)
  }
  return undefined
}
