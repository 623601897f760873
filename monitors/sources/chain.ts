/**
 * The chain as events: owns how far the book has been told.
 *
 * 1. First the configuration as it stands at one head (`market`, `feeds`, `pools`), then the past by its logs
 *    (`history`), then `synced` with that head; from there block by block, none left out and none twice.
 * 2. A block is told with its logs and by its hash; operators' accounts and the receipts of our transactions that it
 *    settles are told before it.
 * 3. A parent hash that does not fit is a `reorg` from the first block that was replaced: the book is void and everything
 *    is read anew. So it is after a reading that broke off.
 * 4. Whatever the node fails at is tried again for ever, with growing pauses; the source is `down` meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { BailiffError, messageOf } from '../../core/errors.ts'
import type { Address, Head } from '../../core/types/chain.ts'
import type { Event, Operator, Receipt } from '../../core/types/event.ts'
import { type Ms, wei } from '../../core/units.ts'
import type { Source } from '../source.ts'
import { readChainState, readFeedsAt, readMarketAt, type Watched } from './chain-state.ts'
import { type Heads, listenForHeads } from './heads.ts'
import { readHistory } from './history.ts'
import { createLogReader } from './log-reader.ts'
import { createRawCaller } from './multicall.ts'
import type { Rpc } from './rpc.ts'
import { bigintOf, headOf, numberOf, quantity } from './rpc-values.ts'
import type { WatchedFeeds } from './watched-feeds.ts'

export interface ChainSource extends Source {
  /** The lending pool, once it was read. */
  readonly pool: () => Address | undefined
}

const FIRST_DELAY_MS = 250
const LAST_DELAY_MS = 5_000
/** Reading contracts at a block takes heavier calls than following it. */
const STATE_DEADLINE_MS = 10_000
/** No deeper reorg is told apart from one of this depth. */
const REMEMBERED_BLOCKS = 128

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
  pollMs = 2_000,
  clock,
  log,
}: {
  readonly rpc: Rpc
  readonly wsUrl: string
  readonly watched: WatchedFeeds
  readonly contracts: Watched
  readonly fromBlock: number
  readonly chunkBlocks: number
  readonly operators: readonly Address[]
  /** Receipts of our transactions that are due at a head; bounded in time by itself. */
  readonly collectReceipts: (head: Head) => Promise<readonly Receipt[]>
  readonly pollMs?: number
  readonly clock: () => Ms
  readonly log: (text: string) => void
}): ChainSource => {
  const caller = createRawCaller(rpc, STATE_DEADLINE_MS)
  let pool: Address | undefined
  /** A reading that was begun and not ended leaves the book half full. */
  let isBegun = false

  const tellStatus = (status: 'up' | 'down', reason: string, emit: (event: Event) => void): void =>
    emit({ type: 'source', source: 'chain', status, reason })

  const headAt = (tag: string): Promise<Head> =>
    rpc.request('eth_getBlockByNumber', [tag, false], (value) => headOf(value, clock()))

  const operatorsAt = async (head: Head): Promise<readonly Operator[]> => {
    const block = { blockHash: head.hash }
    return Promise.all(
      operators.map(async (address): Promise<Operator> => {
        const [nonce, balance] = await Promise.all([
          rpc.request('eth_getTransactionCount', [address, block], (value) =>
            numberOf('nonce', value),
          ),
          rpc.request('eth_getBalance', [address, block], (value) => bigintOf('balance', value)),
        ])
        return { address, nonce, balanceWei: wei(balance) }
      }),
    )
  }

  const tellAccounts = async (head: Head, emit: (event: Event) => void): Promise<void> => {
    const [accounts, receipts] = await Promise.all([operatorsAt(head), collectReceipts(head)])
    if (operators.length > 0) emit({ type: 'operators', operators: accounts })
    for (const receipt of receipts) emit({ type: 'receipt', receipt })
  }

  /** Tells everything up to the head of this moment; returns where it ended. */
  const sync = async (emit: (event: Event) => void, signal: AbortSignal) => {
    const head = await headAt('latest')
    if (isBegun) emit({ type: 'reorg', block: head.number + 1 })
    const state = await readChainState(caller, head.hash, contracts)
    pool = state.market.pool
    watched.set(state.feeds, state.forwarders)
    isBegun = true
    emit({ type: 'market', block: head.number, market: state.market })
    emit({ type: 'feeds', block: head.number, feeds: state.feeds })
    emit({ type: 'pools', pools: state.pools })
    const reader = createLogReader(rpc, state)
    await readHistory({
      reader,
      fromBlock,
      toBlock: head.number,
      chunkBlocks,
      emit,
      signal,
      progress: (block, calls) =>
        log(`history read to block ${block} of ${head.number}, ${calls} calls`),
    })
    await tellAccounts(head, emit)
    if (!signal.aborted) emit({ type: 'synced', head })
    return { head, state, reader }
  }

  const pause = async (delayMs: number, signal: AbortSignal): Promise<void> => {
    await sleep(delayMs, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  /** Repeats a step until it succeeds or the signal aborts, telling that the source is down meanwhile. */
  const insist = async (
    step: () => Promise<void>,
    emit: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    for (
      let delayMs = FIRST_DELAY_MS;
      !signal.aborted;
      delayMs = Math.min(LAST_DELAY_MS, delayMs * 2)
    ) {
      try {
        await step()
        if (delayMs > FIRST_DELAY_MS) tellStatus('up', 'answers again', emit)
        return
      } catch (thrown) {
        if (!(thrown instanceof BailiffError)) throw thrown
        tellStatus('down', messageOf(thrown), emit)
        await pause(delayMs, signal)
      }
    }
  }

  /** Follows the chain block by block; returns when a parent hash does not fit, or at the abort. */
  const follow = async (
    from: Awaited<ReturnType<typeof sync>>,
    heads: Heads,
    emit: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    let { head, state, reader } = from
    let replacedFrom: number | undefined
    let stale: Head | undefined
    const recent = [head]

    /** The first block that is no longer the one we told, as far back as we remember. */
    const firstReplaced = async (): Promise<number> => {
      for (const told of recent.toReversed()) {
        const { hash } = await headAt(quantity(told.number))
        if (hash === told.hash) return told.number + 1
      }
      return recent[0]!.number
    }

    const tellNext = async (): Promise<void> => {
      const next = await headAt(quantity(head.number + 1))
      if (next.parentHash !== head.hash) {
        replacedFrom = await firstReplaced()
        return
      }
      const [{ changes, feedsChanged }] = await Promise.all([
        reader.ofBlock(next),
        tellAccounts(next, emit),
      ])
      watched.follow(changes)
      emit({ type: 'block', head: next, changes })
      head = next
      recent.push(next)
      if (recent.length > REMEMBERED_BLOCKS) recent.shift()
      if (feedsChanged || changes.some(({ type }) => type === 'aave/config')) stale = next
    }

    const readAnew = async (): Promise<void> => {
      if (!stale) return
      const market = await readMarketAt(caller, stale.hash, contracts.addressesProvider)
      const read = await readFeedsAt(caller, stale.hash, contracts.feeds)
      watched.set(read.feeds, read.forwarders)
      emit({ type: 'market', block: stale.number, market })
      emit({ type: 'feeds', block: stale.number, feeds: read.feeds })
      state = { ...state, ...read, market }
      reader = createLogReader(rpc, state)
      stale = undefined
    }

    while (!signal.aborted) {
      const highest = await heads.above(head.number)
      while (head.number < highest && !signal.aborted) {
        await insist(tellNext, emit, signal)
        if (replacedFrom !== undefined) {
          emit({ type: 'reorg', block: replacedFrom })
          return
        }
        await insist(readAnew, emit, signal)
      }
    }
  }

  return {
    name: 'chain',
    pool: () => pool,
    start: async (emit, signal) => {
      const heads = listenForHeads({ wsUrl, rpc, pollMs, signal })
      while (!signal.aborted) {
        let synced: Awaited<ReturnType<typeof sync>> | undefined
        const syncOnce = async (): Promise<void> => {
          synced = await sync(emit, signal)
          tellStatus('up', `synced to block ${synced.head.number}`, emit)
        }
        await insist(syncOnce, emit, signal)
        if (synced) await follow(synced, heads, emit, signal)
      }
      await heads.done
    },
  }
}
