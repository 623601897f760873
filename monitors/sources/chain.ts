/**
 * The chain as events: owns how far the book has been told.
 *
 * 1. First the configuration as it stands at one head (`market`, `feeds`, `pools`), then the past by its logs
 *    (`history`), then `synced` with that head; from there block by block, none left out and none twice.
 * 2. A block that does not fit is a `reorg` from the first block that was replaced. Where the block before it was told
 *    too, the past is kept and the configuration told as it stood there; else the book is void and everything is told
 *    anew. So it is after a reading that broke off, and when the head it was for is not the chain's any more.
 * 3. Whatever the node fails at is tried again for ever, with growing pauses; the source is `down` meanwhile.
 */
import { TransientError } from '../../core/errors.ts'
import type { Address, Head, Hex } from '../../core/types/chain.ts'
import type { Event, Receipt } from '../../core/types/event.ts'
import type { AaveMarket } from '../../core/types/market.ts'
import type { Ms } from '../../core/units.ts'
import type { Source } from '../source.ts'
import { createBulkBalances } from './bulk-balances.ts'
import { followChain, type Replaced, type Synced } from './chain-follower.ts'
import { createChainReads } from './chain-reads.ts'
import type { ChainState, Watched } from './chain-state.ts'
import { correctBalances } from './correct-balances.ts'
import { createDueReceipts } from './due-receipts.ts'
import { listenForHeads } from './heads.ts'
import { createHistory, type History } from './history.ts'
import { createInsist } from './insist.ts'
import type { Rpc } from './rpc.ts'
import type { SnapshotKeeper } from './snapshot-keeper.ts'
import { createSourceStatus } from './source-status.ts'
import type { WatchedFeeds } from './watched-feeds.ts'
import type { WebsocketLimits } from './websocket.ts'

export interface ChainSource extends Source {
  /** The lending pool, once it was read. */
  readonly pool: () => Address | undefined
  /** The hash by which a block was told; undefined when it is too old or was replaced. */
  readonly hashOf: (block: number) => Hex | undefined
  /** Reads everything anew at the next head, unless that was done a short while ago. */
  readonly resync: () => void
}

/** For so many blocks it is known by which hash they were told. */
const REMEMBERED_BLOCKS = 128
/** Before this revision events say all. */
const CORRECTED_FROM = 9
/** A node that has no state of a block any more will not have it later. */
const GO_BACK_ATTEMPTS = 3
/** What a second reading does not mend, a third right behind it does not either. */
const RESYNC_PAUSE_MS = 300_000

export interface ChainOptions {
  readonly rpc: Rpc
  readonly wsUrl: string
  /** Written here, read by whoever looks at pending transactions. */
  readonly watched: WatchedFeeds
  readonly contracts: Watched
  readonly fromBlock: number
  readonly chunkBlocks: number
  readonly operators: readonly Address[]
  /** Receipts of our transactions that are due at a head. */
  readonly collectReceipts: (head: Head) => Promise<readonly Receipt[]>
  readonly snapshots: SnapshotKeeper
  /** From this revision of the market on balances are read from the chain after its past was told. */
  readonly correctedFrom?: number
  /** A block does not wait longer for its receipts. */
  readonly receiptsMs?: number
  readonly pollMs?: number
  /** How often proxies are asked for their aggregators. */
  readonly recheckBlocks?: number
  readonly limits?: Partial<WebsocketLimits>
  readonly clock: () => Ms
  readonly log: (text: string) => void
}

/** Creates the source of one chain. */
export const createChainSource = ({
  rpc,
  wsUrl,
  watched,
  contracts,
  fromBlock,
  chunkBlocks,
  operators,
  collectReceipts,
  snapshots,
  correctedFrom = CORRECTED_FROM,
  receiptsMs = 150,
  pollMs = 2_000,
  recheckBlocks = 50,
  limits,
  clock,
  log,
}: ChainOptions): ChainSource => {
  const reads = createChainReads({ rpc, contracts, operators, clock })
  const bulk = createBulkBalances(rpc)
  const receipts = createDueReceipts({ collectReceipts, timeoutMs: receiptsMs, log })
  let pool: Address | undefined
  /** What was told since the last `reorg` is void if it does not lead up to a `synced`. */
  let isBegun = false
  let resyncMs = Number.NEGATIVE_INFINITY
  let wantsResync = false

  const hashes = new Map<number, Hex>()
  const noteHash = (event: Event): void => {
    if (event.type === 'reorg')
      for (const block of hashes.keys()) if (block >= event.block) hashes.delete(block)
    if (event.type !== 'block' && event.type !== 'synced') return
    hashes.set(event.head.number, event.head.hash)
    hashes.delete(event.head.number - REMEMBERED_BLOCKS)
  }

  /** Tells everything up to the head of this moment. */
  const sync = async (
    history: History,
    emit: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<Synced> => {
    const head = await reads.latest()
    const state = await reads.stateAt(head)
    if (isBegun) emit({ type: 'reorg', block: head.number + 1 })
    isBegun = true
    pool = state.market.pool
    tellConfiguration(head, state, emit)
    emit({ type: 'pools', pools: state.pools })
    const reader = reads.logReader(state)
    await history.tell(head, reader)
    if (state.market.revision >= correctedFrom) await correct(head, state.market, emit)
    await conclude(head, emit, signal)
    return { head, state, reader, before: [] }
  }

  const correct = async (
    head: Head,
    market: AaveMarket,
    emit: (event: Event) => void,
  ): Promise<void> => {
    const changes = await correctBalances(bulk, head, market, await snapshots.held())
    if (changes.length === 0) return
    log(`${changes.length} balances are taken from the chain: events of before an upgrade differ`)
    emit({ type: 'history', fromBlock: head.number, toBlock: head.number, changes })
  }

  /** Goes back to the last block that still stands. */
  const goBack = async (
    { block, standing }: Replaced,
    emit: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<Synced> => {
    const head = standing.at(-1)!
    const state = await reads.stateAt(head)
    emit({ type: 'reorg', block, keepsPast: true })
    tellConfiguration(head, state, emit)
    await conclude(head, emit, signal)
    return { head, state, reader: reads.logReader(state), before: standing.slice(0, -1) }
  }

  /** Goes back if it can; else what was told is void from there on, and nothing is left but to read everything anew. */
  const wentBack = async (
    replaced: Replaced,
    attempt: number,
    emit: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<Synced | undefined> => {
    if (replaced.standing.length > 0 && attempt < GO_BACK_ATTEMPTS)
      return goBack(replaced, emit, signal)
    emit({ type: 'reorg', block: replaced.block })
    isBegun = false
    return undefined
  }

  const tellConfiguration = (
    { number: block }: Head,
    { market, feeds, forwarders }: ChainState,
    emit: (event: Event) => void,
  ): void => {
    watched.set(feeds, forwarders)
    emit({ type: 'market', block, market })
    emit({ type: 'feeds', block, feeds })
  }

  /** Tells what is due at a head up to which all was told; throws TransientError when it was replaced meanwhile. */
  const conclude = async (
    head: Head,
    emit: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const [accounts, now] = await Promise.all([
      reads.operatorsAt(head),
      reads.headAt(head.number),
      receipts.collect(head),
    ])
    if (accounts.length > 0) emit({ type: 'operators', operators: accounts })
    for (const receipt of receipts.take()) emit({ type: 'receipt', receipt })
    if (now.hash !== head.hash)
      throw new TransientError(
        'SYNC_OVERTAKEN',
        `Read everything anew: block ${head.number} was ${head.hash} and is ${now.hash} now.`,
      )
    if (!signal.aborted) emit({ type: 'synced', head })
  }

  return {
    name: 'chain',
    pool: () => pool,
    hashOf: (block) => hashes.get(block),
    resync: () => {
      if (performance.now() - resyncMs < RESYNC_PAUSE_MS) return
      resyncMs = performance.now()
      wantsResync = true
    },
    start: async (emitTo, signal) => {
      const emit = (event: Event): void => {
        noteHash(event)
        snapshots.observe(event)
        emitTo(event)
      }
      const status = createSourceStatus('chain', emit)
      const insist = createInsist(status, signal)
      const heads = listenForHeads({
        wsUrl,
        rpc,
        pollMs,
        clock,
        status: createSourceStatus('heads', emit),
        reach: status,
        signal,
        limits,
      })
      const history = createHistory({
        fromBlock,
        chunkBlocks,
        ...{ snapshots, emit, insist, signal, log },
        headAt: reads.headAt,
      })
      let from: Synced | undefined
      while (!signal.aborted) {
        from ??= await insist(() => sync(history, emit, signal))
        if (from === undefined || signal.aborted) break
        status.up(`synced to block ${from.head.number}`)
        const replaced = await followChain({
          ...{
            from,
            heads,
            reads,
            watched,
            receipts,
            snapshots,
            recheckBlocks,
            emit,
            insist,
            signal,
          },
          isVoid: () => wantsResync,
        })
        wantsResync = false
        from = undefined
        if (replaced === undefined) continue
        receipts.drop(replaced.block)
        from = await insist((attempt) => wentBack(replaced, attempt, emit, signal))
      }
      await heads.done
      await snapshots.idle()
    },
  }
}
