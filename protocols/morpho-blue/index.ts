import { InvariantError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Change, MorphoChange } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'
import type { MorphoMarket, MorphoPosition, MorphoState } from '../../core/types/market.ts'
import { createUndoLog, type UndoLog } from '../../core/undo-log.ts'
import { type Base, base, type Raw, raw } from '../../core/units.ts'
import type { PriceView, ProtocolBook } from '../protocol.ts'
import { type Health, healthOf } from './health.ts'
import { type MarketAt, marketAt } from './market-at.ts'
import { marketChanges } from './market-changes.ts'
import { pairsOf } from './pairs.ts'
import { createPositionTable, type PositionTable } from './position-table.ts'
import { screenWeights } from './screen-weights.ts'
import { EMPTY_STATE, stateAfter } from './state-after.ts'

const BASE_DECIMALS = 8

/** The book of one market, which also tells what it holds. */
export interface MorphoBook extends ProtocolBook {
  readonly state: () => MorphoState
  readonly position: (account: Address) => MorphoPosition | undefined
}

/*
 * Owns what is known of one Morpho Blue market.
 * 1. `start` and `reorg` throw everything away: the market is read and its history played anew. A `reorg` that keeps the
 *    past undoes its blocks alone, and the market is read anew.
 * 2. State and positions come from logs alone, from the market's creation on, or from a reading that brings positions
 *    and the logs after its block: what was played before is then behind it.
 * 3. Any other reading brings what never changes, the oracles and their vaults' rates; it leaves state and positions.
 * 4. A PreLiquidation contract that was made after the last reading makes the market one that is only watched.
 * 5. The market carried to a view is kept until the next event or the next view.
 */
interface Memory {
  market: MorphoMarket | undefined
  readBlock: number
  /** The block whose state was read with its positions. */
  baseBlock: number
  /** The last block whose logs were applied. */
  appliedBlock: number
  configuredBlock: number
  state: MorphoState
  positions: PositionTable
  readonly undoLog: UndoLog
  seen: { readonly view: PriceView; readonly at: MarketAt | undefined } | undefined
}

const createMemory = (): Memory => {
  const undoLog = createUndoLog()
  return {
    market: undefined,
    readBlock: -1,
    baseBlock: -1,
    appliedBlock: -1,
    configuredBlock: -1,
    state: EMPTY_STATE,
    positions: createPositionTable(undoLog),
    undoLog,
    seen: undefined,
  }
}

const isOf = (id: string, change: Change): change is MorphoChange =>
  change.type === 'morpho/authorization' ||
  ('market' in change && change.market.toLowerCase() === id)

const applyChange = (memory: Memory, block: number, change: MorphoChange): void => {
  const { positions } = memory
  memory.state = stateAfter(memory.state, change)
  switch (change.type) {
    case 'morpho/borrow':
      positions.add(change.account, change.sharesRaw, raw(0n))
      break
    case 'morpho/collateral':
      positions.add(change.account, raw(0n), change.deltaRaw)
      break
    case 'morpho/liquidation': {
      const { account, repaidSharesRaw, badDebtSharesRaw, seizedRaw } = change
      positions.add(account, raw(0n - repaidSharesRaw - badDebtSharesRaw), raw(0n - seizedRaw))
      break
    }
    case 'morpho/authorization':
      positions.authorize(change.account, change.authorized, change.enabled)
      break
    case 'morpho/pre-liquidation':
      memory.configuredBlock = Math.max(memory.configuredBlock, block)
      break
    default:
      break
  }
}

const readMarket = (memory: Memory, block: number, market: MorphoMarket): void => {
  memory.market = market
  memory.readBlock = block
  // What was read at a block before the last one applied would take its logs back.
  if (market.positions === undefined || block < memory.appliedBlock) return
  memory.baseBlock = block
  memory.state = market.state
  memory.undoLog.clear()
  memory.positions = createPositionTable(memory.undoLog)
  for (const { account, borrowSharesRaw, collateralRaw, authorized } of market.positions) {
    memory.positions.add(account, borrowSharesRaw, collateralRaw)
    for (const contract of authorized) memory.positions.authorize(account, contract, true)
  }
}

/** Chunks of the past that a reading with positions has behind it are left out; one of both sides cannot be told apart. */
const isBehind = ({ baseBlock }: Memory, fromBlock: number, toBlock: number): boolean => {
  if (toBlock <= baseBlock) return true
  if (fromBlock > baseBlock) return false
  throw new InvariantError(
    'MORPHO_HISTORY_SPANS_READING',
    `Begin a chunk of history at block ${baseBlock + 1}, behind the reading: one goes from ${fromBlock} to ${toBlock}.`,
    { fromBlock, toBlock, baseBlock },
  )
}

/** The base currency of a market is its loan token, here with eight decimals. */
const baseOf = (loanRaw: Raw, decimals: number): Base => {
  const scale = 10n ** BigInt(Math.abs(decimals - BASE_DECIMALS))
  return base(decimals > BASE_DECIMALS ? loanRaw / scale : loanRaw * scale)
}

/**
 * Creates the book of one Morpho Blue market. Its audited amounts are in the loan token's smallest unit; it acts upon
 * markets whose oracle and rate model it understands, and only watches the others.
 */
export const createMorphoBlueBook = (marketId: Hex): MorphoBook => {
  const market = marketId.toLowerCase()
  const id = `morpho-blue:${market}`
  let memory = createMemory()

  const at = (view: PriceView): MarketAt | undefined => {
    if (memory.seen?.view !== view) {
      memory.seen = {
        view,
        at: memory.market && marketAt(memory.market, memory.state, view),
      }
    }
    return memory.seen.at
  }

  const healthAt = (
    position: MorphoPosition | undefined,
    now: MarketAt | undefined,
  ): Health | undefined =>
    position === undefined || now?.priceRaw === undefined
      ? undefined
      : healthOf(position, now.state.borrow, now.priceRaw, now.market.lltvWad)

  const applyAll = (block: number, changes: readonly Change[]): void => {
    for (const change of changes) if (isOf(market, change)) applyChange(memory, block, change)
    memory.appliedBlock = block
  }

  const applyBlock = (block: number, changes: readonly Change[]): void => {
    const { state, appliedBlock, configuredBlock } = memory
    memory.undoLog.begin(block)
    memory.undoLog.note(() => Object.assign(memory, { state, appliedBlock, configuredBlock }))
    applyAll(block, changes)
  }

  const isSupported = (): boolean =>
    memory.market !== undefined &&
    memory.market.oracle.kind !== 'unknown' &&
    memory.market.rateModel !== 'unknown' &&
    memory.state.updatedSec > 0 &&
    memory.configuredBlock <= memory.readBlock

  return {
    id,
    get supported() {
      return isSupported()
    },
    state: () => memory.state,
    position: (account) => memory.positions.get(account),
    apply: (event: Event) => {
      memory.seen = undefined
      if (event.type === 'reorg' && event.keepsPast) memory.undoLog.rewind(event.block)
      else if (event.type === 'start' || event.type === 'reorg') memory = createMemory()
      else if (event.type === 'morpho-market') {
        if (event.market.id.toLowerCase() === market) readMarket(memory, event.block, event.market)
      } else if (event.type === 'history') {
        const { fromBlock, toBlock, changes } = event
        if (!isBehind(memory, fromBlock, toBlock)) applyAll(toBlock, changes)
      } else if (event.type === 'block') applyBlock(event.head.number, event.changes)
    },
    accounts: () => memory.positions.addresses(),
    *snapshot() {
      const { state, positions } = memory
      const held = [...positions.addresses()].map((account) => positions.get(account)!)
      yield* marketChanges(market as Hex, state, held, positions.authorizations())
    },
    screen: (view) => {
      const now = at(view)
      if (now?.priceRaw === undefined) return []
      const { borrow } = now.state
      return memory.positions.screen(
        screenWeights(borrow, now.priceRaw, now.market.lltvWad),
        new Map(
          now.preLiquidations.map(({ terms, priceRaw }) => [
            terms.address.toLowerCase() as Address,
            screenWeights(borrow, priceRaw, terms.preLltvWad),
          ]),
        ),
      )
    },
    examine: (account, view) => {
      const now = at(view)
      const position = memory.positions.get(account)
      const health = healthAt(position, now)
      if (position === undefined || now === undefined || health === undefined) return undefined
      const pairs = pairsOf(position, now)
      if (pairs.length === 0) return undefined
      return {
        protocol: id,
        position: `${id}:${position.account}`,
        account: position.account,
        healthFactorWad: health.healthFactorWad,
        debtBase: baseOf(health.borrowedRaw, now.market.loan.decimals),
        pairs,
      }
    },
    tokensOf: (account) => {
      const { collateralRaw = 0n, borrowSharesRaw = 0n } = memory.positions.get(account) ?? {}
      const { collateral, loan } = memory.market ?? {}
      return {
        collateral: collateral !== undefined && collateralRaw > 0n ? [collateral] : [],
        debt: loan !== undefined && borrowSharesRaw > 0n ? [loan] : [],
      }
    },
    // The contract tells what is owed in all by the market, and that is part of what is followed.
    totals: () => [],
    audited: (address, view) => {
      const position = memory.positions.get(address)
      const health = healthAt(position, at(view))
      if (position === undefined || health === undefined) return undefined
      return {
        account: position.account,
        collateralBase: health.collateralValueRaw,
        debtBase: health.borrowedRaw,
        healthFactorWad: health.healthFactorWad,
      }
    },
    aggregatorOf: (token) => {
      const known = memory.market
      if (known === undefined || known.oracle.kind === 'unknown') return undefined
      const key = token.toLowerCase()
      if (key === known.collateral.address.toLowerCase()) return known.oracle.base.feeds[0]
      if (key === known.loan.address.toLowerCase()) return known.oracle.quote.feeds[0]
      return undefined
    },
  }
}
