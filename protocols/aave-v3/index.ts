import type { Change } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'
import { createUndoLog, type UndoLog } from '../../core/undo-log.ts'
import { WAD } from '../../core/units.ts'
import type { PriceView, ProtocolBook } from '../protocol.ts'
import { accountChanges } from './account-changes.ts'
import { type Account, type AccountTable, createAccountTable } from './account-table.ts'
import type { AccountData } from './health.ts'
import type { Holding } from './holding.ts'
import type { MarketAt } from './market-at.ts'
import { createMarketTable, type MarketTable } from './market-table.ts'
import { screenWeights } from './screen-weights.ts'
import { totalsOf } from './totals.ts'

const ID = 'aave-v3'

/*
 * Owns what is known of one Aave V3 market.
 * 1. `start` and `reorg` throw everything away: the market is read and its history played anew. A `reorg` that keeps the
 *    past throws away the market alone, and undoes what its blocks did to accounts.
 * 2. Balances, collateral bits and categories come from logs alone, from the market's first block on.
 * 3. The market carried to a view is kept until the next event or the next view.
 */
interface State {
  readonly market: MarketTable
  readonly accounts: AccountTable
  readonly undoLog: UndoLog
  seen: { readonly view: PriceView; readonly at: MarketAt } | undefined
}

const createState = (): State => {
  const undoLog = createUndoLog()
  return {
    market: createMarketTable(),
    accounts: createAccountTable(undoLog),
    undoLog,
    seen: undefined,
  }
}

const applyChange = ({ market, accounts }: State, block: number, change: Change): void => {
  switch (change.type) {
    case 'aave/index':
      market.updateIndex(change)
      break
    case 'aave/scaled':
      accounts.addScaled(
        change.account,
        market.slotOf(change.reserve),
        change.side,
        change.deltaRaw,
      )
      break
    case 'aave/balance':
      accounts.addBalance(change, market.slotOf(change.reserve))
      break
    case 'aave/accrue':
      market.accrue(change.reserve, change.updatedSec)
      break
    case 'aave/collateral':
      accounts.setCollateral(change.account, market.slotOf(change.reserve), change.enabled)
      break
    case 'aave/emode':
      accounts.setCategory(change.account, change.category)
      break
    case 'aave/stable-debt':
      accounts.setStable(change.account)
      break
    case 'aave/config':
      market.noteConfiguration(block)
      break
    default:
      break
  }
}

/** Creates the book of one Aave V3 market; it acts upon revisions 1 to 3, and only watches the others. */
export const createAaveV3Book = (): ProtocolBook => {
  let state = createState()

  const at = (view: PriceView): MarketAt => {
    if (state.seen?.view !== view) state.seen = { view, at: state.market.at(view) }
    return state.seen.at
  }

  const dataOf = (account: Account | undefined, view: PriceView): AccountData | undefined =>
    account === undefined || account.stable
      ? undefined
      : state.market.rules()?.accountData(account.holdings, at(view), account.category)

  return {
    id: ID,
    get supported() {
      return state.market.supported()
    },
    apply: (event: Event) => {
      state.seen = undefined
      if (event.type === 'reorg' && event.keepsPast) {
        state.market.forget()
        state.undoLog.rewind(event.block)
      } else if (event.type === 'start' || event.type === 'reorg') state = createState()
      else if (event.type === 'market') state.market.read(event.block, event.market)
      else if (event.type === 'history') {
        for (const change of event.changes) applyChange(state, event.toBlock, change)
      } else if (event.type === 'block') {
        state.undoLog.begin(event.head.number)
        for (const change of event.changes) applyChange(state, event.head.number, change)
      }
    },
    aggregatorOf: (token) => state.market.aggregatorOf(token),
    accounts: () => state.accounts.addresses(),
    *snapshot() {
      const reserves = state.market.slots()
      for (const account of state.accounts.all()) yield* accountChanges(account, reserves)
    },
    screen: (view) => state.accounts.screen((categories) => screenWeights(at(view), categories)),
    examine: (address, view) => {
      const account = state.accounts.get(address)
      const data = dataOf(account, view)
      if (account === undefined || data === undefined || data.healthFactorWad >= WAD) {
        return undefined
      }
      const { holdings, category } = account
      const pairs = state.market.rules()?.pairsOf(holdings, at(view), category, data) ?? []
      if (pairs.length === 0) return undefined
      return {
        protocol: ID,
        position: `${ID}:${account.address}`,
        account: account.address,
        healthFactorWad: data.healthFactorWad,
        debtBase: data.debtBase,
        pairs,
      }
    },
    tokensOf: (address) => {
      const reserves = state.market.listed()
      const holdings = state.accounts.get(address)?.holdings ?? []
      const tokens = (of: readonly Holding[]) =>
        of.flatMap(({ slot }) => reserves[slot]?.token ?? [])
      return {
        collateral: tokens(
          holdings.filter(({ collateral, suppliedRaw }) => collateral && suppliedRaw > 0n),
        ),
        debt: tokens(holdings.filter(({ owedRaw }) => owedRaw > 0n)),
      }
    },
    totals: () => totalsOf(state.accounts.all(), state.market.listed()),
    audited: (address, view) => {
      const account = state.accounts.get(address)
      const data = dataOf(account, view)
      if (account === undefined || data === undefined) return undefined
      const { collateralBase, debtBase, healthFactorWad } = data
      return { account: account.address, collateralBase, debtBase, healthFactorWad }
    },
  }
}
