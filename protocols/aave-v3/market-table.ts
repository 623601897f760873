import type { Address } from '../../core/types/chain.ts'
import type { AaveChange } from '../../core/types/change.ts'
import type { AaveMarket, AaveReserve } from '../../core/types/market.ts'
import type { Sec } from '../../core/units.ts'
import type { PriceView } from '../protocol.ts'
import { indexesAt, type MarketAt, marketAt } from './market-at.ts'
import { type AaveRules, rules30, rulesOf } from './rules.ts'

type IndexChange = Extract<AaveChange, { readonly type: 'aave/index' }>

/*
 * Owns the reserves of one market.
 * 1. A reserve has a slot from the first time that it is named, by a reading or by a log, and keeps it.
 * 2. A reading sets the configuration; rates and indexes are the newest of the reading's and the logs', by their time.
 * 3. A configuration that changed after the last reading is unknown until the next.
 */
export interface MarketTable {
  readonly slotOf: (reserve: Address) => number
  /** The reserves that have a slot, by it. */
  readonly slots: () => readonly Address[]
  /** What is known of each slot's reserve; undefined for one that no reading listed. */
  readonly listed: () => readonly (AaveReserve | undefined)[]
  readonly read: (block: number, market: AaveMarket) => void
  readonly updateIndex: (change: IndexChange) => void
  /** Carries a reserve's indexes to a time, by its rates as they stand. */
  readonly accrue: (reserve: Address, updatedSec: Sec) => void
  readonly noteConfiguration: (block: number) => void
  /** Forgets all but which slot is whose. */
  readonly forget: () => void
  /** Undefined before the first reading and for revisions whose rules we do not hold. */
  readonly rules: () => AaveRules | undefined
  /** True when the rules are known and all that they rest on, no sentinel interferes and the configuration is the newest. */
  readonly supported: () => boolean
  readonly at: (view: PriceView) => MarketAt
  /** The aggregator of a listed reserve. */
  readonly aggregatorOf: (token: Address) => Address | undefined
}

const newerOf = (known: AaveReserve | undefined, read: AaveReserve): AaveReserve =>
  known === undefined || known.updatedSec <= read.updatedSec
    ? read
    : {
        ...read,
        liquidityIndexRay: known.liquidityIndexRay,
        variableBorrowIndexRay: known.variableBorrowIndexRay,
        liquidityRateRay: known.liquidityRateRay,
        variableBorrowRateRay: known.variableBorrowRateRay,
        updatedSec: known.updatedSec,
      }

/** From 3.3 on rules rest on more than an older reading brings. */
const hasAll = (
  market: AaveMarket | undefined,
  reserves: readonly (AaveReserve | undefined)[],
): boolean =>
  (market?.revision ?? 0) <= 3 ||
  reserves.every((reserve) => reserve === undefined || reserve.virtualUnderlyingRaw !== undefined)

/** Creates a table without a market. */
export const createMarketTable = (): MarketTable => {
  const slots = new Map<string, number>()
  let market: AaveMarket | undefined
  let readBlock = -1
  let configuredBlock = -1
  /** By slot; undefined for a reserve that no reading listed. */
  let reserves: (AaveReserve | undefined)[] = []

  const slotOf = (reserve: Address): number => {
    const key = reserve.toLowerCase()
    const slot = slots.get(key) ?? slots.size
    slots.set(key, slot)
    return slot
  }

  const rules = (): AaveRules | undefined => market && rulesOf(market.revision)

  return {
    slotOf,
    listed: () => Array.from(slots, (_, slot) => reserves[slot]),
    slots: () => [...slots.keys()] as Address[],
    aggregatorOf: (token) => {
      const slot = slots.get(token.toLowerCase())
      return slot === undefined ? undefined : reserves[slot]?.aggregator
    },
    rules,
    read: (block, read) => {
      const known = reserves
      market = read
      readBlock = block
      reserves = []
      for (const reserve of read.reserves) {
        const slot = slotOf(reserve.token.address)
        reserves[slot] = newerOf(known[slot], reserve)
      }
    },
    updateIndex: ({ type: _type, reserve, ...indexes }) => {
      const slot = slotOf(reserve)
      const known = reserves[slot]
      // A log older than the reading is what the reading has behind it; of one block, the last log is the truth.
      if (known === undefined || indexes.updatedSec < known.updatedSec) return
      reserves[slot] = { ...known, ...indexes }
    },
    accrue: (reserve, updatedSec) => {
      const slot = slotOf(reserve)
      const known = reserves[slot]
      if (known === undefined || updatedSec < known.updatedSec) return
      const compounded = (rules() ?? rules30).compoundedInterest
      const at = indexesAt(known, updatedSec, compounded)
      reserves[slot] = { ...known, ...at, updatedSec }
    },
    noteConfiguration: (block) => {
      configuredBlock = Math.max(configuredBlock, block)
    },
    forget: () => {
      market = undefined
      reserves = []
      readBlock = -1
      configuredBlock = -1
    },
    supported: () =>
      rules() !== undefined &&
      market?.sentinel === undefined &&
      configuredBlock <= readBlock &&
      hasAll(market, reserves),
    at: (view) =>
      marketAt(reserves, market?.emodes ?? [], view, (rules() ?? rules30).compoundedInterest),
  }
}
