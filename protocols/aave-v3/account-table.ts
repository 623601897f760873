import { InvariantError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { AaveChange } from '../../core/types/change.ts'
import type { UndoLog } from '../../core/undo-log.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { Holding } from './holding.ts'
import { scaledAfter } from './rounding.ts'
import { createScreenColumns } from './screen-columns.ts'
import type { ScreenWeights } from './screen-weights.ts'

/** One account as its events left it. */
export interface Account {
  readonly address: Address
  readonly category: number
  /** Stable debt grows by a rate of its own, which we do not follow: such an account is watched, never acted upon. */
  readonly stable: boolean
  /** In the order of their slots; none that is empty. */
  readonly holdings: readonly Holding[]
}

/*
 * Owns the accounts of one market.
 * 1. Accounts are found by their address in lower case and are never removed but by undoing, only emptied.
 * 2. A balance never falls below zero: if it would, an event is missing and the book is worth nothing.
 * 3. What is done goes to the undo log, so that undoing leaves rows and their order as they were.
 * 4. The floats of the screen are rewritten, for accounts that changed, when it is asked next.
 */
export interface AccountTable {
  readonly get: (address: Address) => Account | undefined
  /** Accounts that hold or owe anything, in the order in which they were first seen. */
  readonly addresses: () => Iterable<Address>
  /** Every account of which anything is known, in the same order. */
  readonly all: () => Iterable<Account>
  readonly addScaled: (
    address: Address,
    slot: number,
    side: 'supply' | 'debt',
    deltaRaw: Raw,
  ) => void
  /** A change of the balance itself, from revision 9 on. */
  readonly addBalance: (change: Extract<AaveChange, { type: 'aave/balance' }>, slot: number) => void
  readonly setCollateral: (address: Address, slot: number, enabled: boolean) => void
  readonly setCategory: (address: Address, category: number) => void
  readonly setStable: (address: Address) => void
  /** Float screen over the borrowers; the weights are asked for with the categories that accounts are in. */
  readonly screen: (
    weightsOf: (categories: readonly number[]) => ScreenWeights,
  ) => readonly Address[]
}

interface Row extends Account {
  category: number
  stable: boolean
  holdings: Holding[]
}

/** Creates an empty table, which notes how to undo what is done to it. */
export const createAccountTable = (undoLog: UndoLog): AccountTable => {
  const rows: Row[] = []
  const rowOf = new Map<string, number>()
  const changed = new Set<number>()
  const columns = createScreenColumns()
  const categories: number[] = [0]

  const touch = (address: Address): Row => {
    const key = address.toLowerCase() as Address
    let row = rowOf.get(key)
    if (row === undefined) {
      row = rows.length
      rowOf.set(key, row)
      rows.push({ address: key, category: 0, stable: false, holdings: [] })
      undoLog.note(() => remove(key))
    }
    changed.add(row)
    const account = rows[row]!
    const before = { ...account, holdings: [...account.holdings] }
    const at = row
    undoLog.note(() => {
      Object.assign(account, before)
      changed.add(at)
    })
    return account
  }

  /** Removes the row that came last. */
  const remove = (key: string): void => {
    rows.pop()
    rowOf.delete(key)
    changed.delete(rows.length)
    columns.write(rows.length, 0, [])
  }

  const put = (account: Row, holding: Holding): void => {
    const { holdings } = account
    const empty = holding.suppliedRaw === 0n && holding.owedRaw === 0n && !holding.collateral
    const at = holdings.findIndex(({ slot }) => slot >= holding.slot)
    const found = at !== -1 && holdings[at]!.slot === holding.slot
    if (found) holdings.splice(at, 1, ...(empty ? [] : [holding]))
    else if (!empty) holdings.splice(at === -1 ? holdings.length : at, 0, holding)
  }

  const holdingOf = (account: Row, slot: number): Holding =>
    account.holdings.find((holding) => holding.slot === slot) ?? {
      slot,
      suppliedRaw: raw(0n),
      owedRaw: raw(0n),
      collateral: false,
    }

  const placeOf = (category: number): number => {
    const place = categories.indexOf(category)
    return place === -1 ? categories.push(category) - 1 : place
  }

  const set = (
    address: Address,
    slot: number,
    side: 'supply' | 'debt',
    next: (before: Raw) => Raw,
  ): void => {
    const account = touch(address)
    const holding = holdingOf(account, slot)
    const before = side === 'supply' ? holding.suppliedRaw : holding.owedRaw
    const after = next(before)
    if (after < 0n) {
      throw new InvariantError(
        'AAVE_NEGATIVE_BALANCE',
        `Account ${account.address} would be left with a scaled ${side} of ${after}: an event is missing. Read the history from the block in which the market was deployed.`,
        { account: account.address, side, before, after },
      )
    }
    put(account, { ...holding, [side === 'supply' ? 'suppliedRaw' : 'owedRaw']: after })
  }

  const isBorrower = (account: Account): boolean =>
    !account.stable && account.holdings.some(({ owedRaw }) => owedRaw !== 0n)

  return {
    get: (address) => rows[rowOf.get(address.toLowerCase()) ?? -1],
    *addresses() {
      for (const { address, holdings } of rows) if (holdings.length > 0) yield address
    },
    all: () => rows,
    addScaled: (address, slot, side, deltaRaw) =>
      set(address, slot, side, (before) => raw(before + deltaRaw)),
    addBalance: ({ account, side, deltaRaw, indexRay }, slot) =>
      set(account, slot, side, (before) => scaledAfter(side, before, deltaRaw, indexRay)),
    setCollateral: (address, slot, enabled) => {
      const account = touch(address)
      put(account, { ...holdingOf(account, slot), collateral: enabled })
    },
    setCategory: (address, category) => {
      touch(address).category = category
    },
    setStable: (address) => {
      touch(address).stable = true
    },
    screen: (weightsOf) => {
      for (const row of changed) {
        const account = rows[row]!
        const place = placeOf(account.category)
        columns.write(row, place, isBorrower(account) ? account.holdings : [])
      }
      changed.clear()
      return columns.scan(weightsOf(categories)).map((row) => rows[row]!.address)
    },
  }
}
