import type { Address } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import type { Feed } from '../../core/types/market.ts'

/** The feeds as the sources know them: written by the chain's source, read by the mempool's. Keys are lower case. */
export interface WatchedFeeds {
  readonly feeds: ReadonlyMap<string, Feed>
  /** Forwarders among the transmitters, and who may send through each. */
  readonly forwarders: ReadonlyMap<string, readonly Address[]>
  readonly set: (
    feeds: readonly Feed[],
    forwarders: ReadonlyMap<string, readonly Address[]>,
  ) => void
  /** Takes over the answers among a block's changes. */
  readonly follow: (changes: readonly Change[]) => void
  /** Calls back after every `set` until the signal aborts. */
  readonly onSet: (callBack: () => void, signal: AbortSignal) => void
}

/** Creates a table without feeds. */
export const createWatchedFeeds = (): WatchedFeeds => {
  const feeds = new Map<string, Feed>()
  const forwarders = new Map<string, readonly Address[]>()
  const listeners = new Set<() => void>()
  return {
    feeds,
    forwarders,
    set: (read, senders) => {
      feeds.clear()
      forwarders.clear()
      for (const feed of read) feeds.set(feed.aggregator.toLowerCase(), feed)
      for (const [forwarder, allowed] of senders) forwarders.set(forwarder, allowed)
      for (const callBack of listeners) callBack()
    },
    onSet: (callBack, signal) => {
      listeners.add(callBack)
      signal.addEventListener('abort', () => listeners.delete(callBack), { once: true })
    },
    follow: (changes) => {
      for (const change of changes) {
        if (change.type !== 'feed/answer') continue
        const { answerRaw, roundId, epochAndRound, updatedSec } = change
        const key = change.aggregator.toLowerCase()
        const feed = feeds.get(key)
        if (feed) feeds.set(key, { ...feed, answerRaw, roundId, epochAndRound, updatedSec })
      }
    },
  }
}
