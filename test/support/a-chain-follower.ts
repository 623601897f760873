import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WritableBook } from '../../book/book.ts'
import { createBook } from '../../book/create-book.ts'
import { createSnapshotFiles } from '../../bot/snapshot-files.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Event, Receipt } from '../../core/types/event.ts'
import { type Ms, ms, raw } from '../../core/units.ts'
import {
  type ChainOptions,
  type ChainSource,
  createChainSource,
} from '../../monitors/sources/chain.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { createSnapshotKeeper } from '../../monitors/sources/snapshot-keeper.ts'
import { createWatchedFeeds, type WatchedFeeds } from '../../monitors/sources/watched-feeds.ts'
import { createAaveV3Book } from '../../protocols/aave-v3/index.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import type { Deployed } from '../../sandbox/chain/deployed.ts'
import { createPoolTable } from '../../venues/uniswap-v3/pools.ts'
import { eventually } from './a-websocket-server.ts'

export interface NodeUrls {
  readonly httpUrl: string
  readonly wsUrl: string
}

/** A genuine source that tells a genuine book, which refuses a block out of order. */
export interface ChainFollower {
  readonly events: Event[]
  readonly book: WritableBook
  readonly source: ChainSource
  readonly watched: WatchedFeeds
  /** Numbers of the blocks told since the last `synced`, that one first. */
  /** What it logged. */
  readonly said: readonly string[]
  readonly told: () => readonly number[]
  readonly count: (type: Event['type']) => number
  readonly status: () => readonly string[]
  /** Resolves when the book stands on this block. */
  readonly reaches: (block: number, withinMs?: number) => Promise<void>
  readonly standsOn: (hash: string, withinMs?: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** What a websocket is given up for after, in tests. */
export const quickLimits = {
  connectMs: 500,
  silenceMs: 400,
  quietMs: 60_000,
  stableMs: 200,
  firstDelayMs: 20,
  lastDelayMs: 200,
}

const wallClock = (): Ms => ms(Math.floor(performance.timeOrigin + performance.now()))

export interface FollowerOptions extends Partial<ChainOptions> {
  readonly deadlineMs?: number
  /** Where snapshots stay from one follower to the next; each has its own without. */
  readonly snapshotFolder?: string
}

/** Starts to follow a deployed world through a node. */
export const aChainFollower = (
  node: NodeUrls,
  deployed: Deployed,
  over: FollowerOptions = {},
): ChainFollower => {
  const { deadlineMs = 1_000, snapshotFolder, ...options } = over
  const folder = snapshotFolder ?? mkdtempSync(join(tmpdir(), 'bailiff-snapshots-'))
  const said: string[] = []
  const rpc = createRpc({ urls: [node.httpUrl], chainId: 1, deadlineMs })
  const watched = createWatchedFeeds()
  const source = createChainSource({
    rpc,
    wsUrl: node.wsUrl,
    watched,
    contracts: {
      addressesProvider: deployed.addresses.poolAddressesProvider,
      feeds: Object.values(deployed.assets).map(({ asset, proxy }) => ({
        ...{ asset, proxy, heartbeatSec: 3_600, thresholdBps: 50 },
      })),
      pools: deployed.pools.map(({ address }) => address),
    },
    fromBlock: 0,
    chunkBlocks: 1_000,
    operators: accounts.operators.map(({ address }) => address),
    collectReceipts: async (): Promise<readonly Receipt[]> => [],
    pollMs: 200,
    limits: quickLimits,
    clock: wallClock,
    snapshots: createSnapshotKeeper({
      kept: [createAaveV3Book(), createPoolTable()],
      store: createSnapshotFiles(folder, 1, (text) => said.push(text)),
      log: (text) => said.push(text),
    }),
    log: (text) => said.push(text),
    ...options,
  })
  const book = createBook({ protocols: [createAaveV3Book()] })
  const events: Event[] = []
  let failure: unknown
  const emit = (event: Event): void => {
    events.push(event)
    book.apply({ seq: events.length, atMs: wallClock(), event })
  }
  const ending = new AbortController()
  emit({ type: 'start', session: 'test', settings: {} })
  const running = source.start(emit, ending.signal).catch((thrown: unknown) => {
    failure = thrown
  })
  const until = (what: string, is: (head: Head) => boolean, withinMs = 10_000): Promise<void> =>
    eventually(
      () => {
        if (failure) throw failure
        return book.head !== undefined && is(book.head)
      },
      `${what}; it stands on ${book.head?.number}`,
      withinMs,
    )

  return {
    events,
    said,
    book,
    source,
    watched,
    told: () => {
      const from = events.findLastIndex(({ type }) => type === 'synced')
      return events
        .slice(from)
        .flatMap((event) =>
          event.type === 'block' || event.type === 'synced' ? [event.head.number] : [],
        )
    },
    count: (type) => events.filter((event) => event.type === type).length,
    status: () =>
      events.flatMap((event) =>
        event.type === 'source' && event.source === 'chain' ? [event.status] : [],
      ),
    reaches: (block, withinMs) =>
      until(`block ${block}`, ({ number }) => number >= block, withinMs),
    standsOn: (hash, withinMs) => until(`block ${hash}`, (head) => head.hash === hash, withinMs),
    stop: async () => {
      ending.abort()
      await running
      if (snapshotFolder === undefined) rmSync(folder, { recursive: true, force: true })
      if (failure) throw failure
    },
  }
}

const quoted = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}n` : value

/** All that a book says of the chain, as text: equal for books that are in the same state. */
export const dumpOf = (book: WritableBook): string => {
  const head = book.head!
  const view = book.view(head.timestampSec)
  const protocol = book.protocols[0]!
  const audited = [...protocol.accounts()].sort().map((account) => protocol.audited(account, view))
  const quotes = [...book.poolKeys.values()].flatMap(({ address }) =>
    [true, false].map((zeroForOne) => {
      const quote = book.pools.quoteExactInput({ pool: address, zeroForOne }, raw(10n ** 12n))
      return [address, zeroForOne, quote?.amountRaw]
    }),
  )
  const { seenMs: _, ...seen } = head
  return JSON.stringify(
    {
      ...{ head: seen, audited, quotes },
      ...{ feeds: [...book.feeds.values()], operators: book.operators },
      accounts: [...protocol.snapshot()],
    },
    quoted,
    1,
  )
}
