/**
 * Owns the state of every followed Uniswap V3 pool, from its first log to the head.
 *
 * 1. `apply` is the only writer. `start` forgets all, `reorg` forgets the states and keeps the keys: both are
 *    followed by the pools' whole past. A `reorg` that keeps the past undoes its blocks alone.
 * 2. `pools` is a snapshot: what was quoted from it stays as it was, whatever is applied later.
 * 3. Logs of a pool that is not in `keys` are ignored.
 * 4. It is an invariant that the liquidity of a quoted pool is the sum of the nets up to its tick. A pool of
 *    which a log is missing breaks it, and is not quoted while it does.
 */
import type { PoolChange } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'
import type { PoolKey } from '../../core/types/market.ts'
import { createUndoLog } from '../../core/undo-log.ts'
import type { Pools } from '../venue.ts'
import { poolChanges, type TickInfo } from './pool-changes.ts'
import { createQuotes } from './quotes.ts'
import type { PoolState } from './swap.ts'
import { createTickTable, type TickTable } from './tick-table.ts'

export interface PoolTable {
  readonly apply: (event: Event) => void
  readonly pools: Pools
  readonly keys: ReadonlyMap<string, PoolKey>
  /** The changes that lead from nothing to the state of every pool. */
  readonly snapshot: () => Iterable<PoolChange>
}

interface PoolRecord {
  readonly key: PoolKey
  sqrtPriceX96: bigint
  tick: number
  liquidity: bigint
  readonly ticks: Map<number, TickInfo>
  /** Undefined when the ticks changed since it was built. */
  table: TickTable | undefined
  /** Undefined when anything changed since it was built. */
  state: PoolState | undefined
}

const createRecord = (key: PoolKey): PoolRecord => ({
  key,
  sqrtPriceX96: 0n,
  tick: 0,
  liquidity: 0n,
  ticks: new Map(),
  table: undefined,
  state: undefined,
})

/** Creates the pool part of the book; it follows `pools`, `history` and `block` events. */
export const createPoolTable = (): PoolTable => {
  const keys = new Map<string, PoolKey>()
  const records = new Map<string, PoolRecord>()
  const undoLog = createUndoLog()
  let quotes: Pools | undefined

  const follow = (key: PoolKey): void => {
    const address = key.address.toLowerCase()
    if (keys.has(address)) return
    keys.set(address, key)
    records.set(address, createRecord(key))
  }

  const applyChange = (change: PoolChange): void => {
    const record = records.get(change.pool.toLowerCase())
    if (record === undefined) return
    quotes = undefined
    record.state = undefined
    const { sqrtPriceX96, tick, liquidity } = record
    undoLog.note(() => Object.assign(record, { sqrtPriceX96, tick, liquidity, state: undefined }))
    if (change.type === 'pool/price') {
      record.sqrtPriceX96 = change.sqrtPriceX96
      record.tick = change.tick
      if (change.liquidity !== undefined) record.liquidity = change.liquidity
      return
    }
    const { tickLower, tickUpper, delta } = change
    addRange(record, tickLower, tickUpper, delta)
    undoLog.note(() => addRange(record, tickLower, tickUpper, -delta))
    if (tickLower <= record.tick && record.tick < tickUpper) record.liquidity += delta
  }

  const snapshot = (): Pools => {
    const states = new Map<string, PoolState>()
    for (const [address, record] of records) {
      record.state ??= stateOf(record)
      if (record.state !== undefined) states.set(address, record.state)
    }
    return createQuotes(states)
  }

  return {
    apply: (event) => {
      if (event.type === 'reorg' && event.keepsPast) {
        undoLog.rewind(event.block)
        quotes = undefined
      } else if (event.type === 'start' || event.type === 'reorg') {
        undoLog.clear()
        if (event.type === 'start') keys.clear()
        records.clear()
        for (const [address, key] of keys) records.set(address, createRecord(key))
        quotes = undefined
      } else if (event.type === 'pools') {
        for (const key of event.pools) follow(key)
      } else if (event.type === 'history' || event.type === 'block') {
        if (event.type === 'block') undoLog.begin(event.head.number)
        for (const change of event.changes)
          if (change.type === 'pool/price' || change.type === 'pool/liquidity') applyChange(change)
      }
    },
    get pools() {
      quotes ??= snapshot()
      return quotes
    },
    keys,
    *snapshot() {
      for (const record of records.values())
        yield* poolChanges({ ...record, address: record.key.address })
    },
  }
}

const addRange = (record: PoolRecord, lower: number, upper: number, delta: bigint): void => {
  record.table = undefined
  record.state = undefined
  addTick(record.ticks, lower, delta, delta)
  addTick(record.ticks, upper, delta, -delta)
}

const addTick = (ticks: Map<number, TickInfo>, tick: number, gross: bigint, net: bigint): void => {
  const info = ticks.get(tick)
  if (info === undefined) ticks.set(tick, { gross, net })
  else {
    info.gross += gross
    info.net += net
    if (info.gross === 0n) ticks.delete(tick)
  }
}

/** Returns the state that swaps read, undefined for a pool without a price or with a log missing. */
const stateOf = (record: PoolRecord): PoolState | undefined => {
  if (record.sqrtPriceX96 === 0n) return undefined
  record.table ??= createTickTable(netsOf(record.ticks))
  const { key, sqrtPriceX96, tick, liquidity, table } = record
  if (liquidity < 0n || table.liquidityAt(tick) !== liquidity) return undefined
  return { key, sqrtPriceX96, tick, liquidity, ticks: table }
}

const netsOf = function* (ticks: ReadonlyMap<number, TickInfo>): Iterable<[number, bigint]> {
  for (const [tick, { net }] of ticks) yield [tick, net]
}
