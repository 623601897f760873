import type { PendingUpdate } from '../core/types/chain.ts'
import type { Change, FeedChange } from '../core/types/change.ts'
import type { Feed } from '../core/types/market.ts'

/** A pending update is forgotten when so many blocks came after it without it. */
const PENDING_BLOCKS = 5

/*
 * Owns the oracle feeds and their updates that are on the way, both by keys in lower case.
 * 1. An answer older than the one held changes nothing: a feed is read first, its past is played after.
 * 2. A pending update is dropped when it is mined, when an answer of its epoch and round or a later one is,
 *    and when a few blocks were mined without it.
 */
export interface FeedTable {
  readonly feeds: ReadonlyMap<string, Feed>
  readonly pending: ReadonlyMap<string, PendingUpdate>
  readonly read: (feeds: readonly Feed[]) => void
  readonly applyChanges: (changes: readonly Change[]) => void
  readonly addPending: (update: PendingUpdate) => void
  /** Called once for each block: forgets what waited through too many of them. */
  readonly expire: (block: number) => void
  readonly clear: () => void
}

/** Creates a table without feeds. */
export const createFeedTable = (): FeedTable => {
  const feeds = new Map<string, Feed>()
  const pending = new Map<string, PendingUpdate>()
  const dueBlocks = new Map<string, number>()

  const drop = (txHash: string): void => {
    pending.delete(txHash)
    dueBlocks.delete(txHash)
  }

  const isSuperseded = ({ aggregator, epochAndRound }: PendingUpdate): boolean =>
    epochAndRound <= (feeds.get(aggregator.toLowerCase())?.epochAndRound ?? -1)

  const dropSuperseded = (): void => {
    for (const [txHash, update] of pending) if (isSuperseded(update)) drop(txHash)
  }

  const answer = ({ aggregator, updatedSec, ...change }: FeedChange): void => {
    const key = aggregator.toLowerCase()
    const feed = feeds.get(key)
    drop(change.txHash.toLowerCase())
    if (feed === undefined || updatedSec < feed.updatedSec) return
    const { answerRaw, roundId, epochAndRound } = change
    feeds.set(key, { ...feed, answerRaw, roundId, epochAndRound, updatedSec })
  }

  return {
    feeds,
    pending,
    read: (read) => {
      for (const feed of read) {
        const key = feed.aggregator.toLowerCase()
        const known = feeds.get(key)
        const newer = known !== undefined && known.updatedSec > feed.updatedSec
        const { answerRaw, roundId, epochAndRound, updatedSec } = newer ? known : feed
        feeds.set(key, { ...feed, answerRaw, roundId, epochAndRound, updatedSec })
      }
      dropSuperseded()
    },
    applyChanges: (changes) => {
      for (const change of changes) if (change.type === 'feed/answer') answer(change)
      dropSuperseded()
    },
    addPending: (update) => {
      if (!isSuperseded(update)) pending.set(update.txHash.toLowerCase(), update)
    },
    expire: (block) => {
      for (const txHash of pending.keys()) {
        const dueBlock = dueBlocks.get(txHash) ?? block + PENDING_BLOCKS
        if (block < dueBlock) dueBlocks.set(txHash, dueBlock)
        else drop(txHash)
      }
    },
    clear: () => {
      feeds.clear()
      pending.clear()
      dueBlocks.clear()
    },
  }
}
