import { InvariantError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { MorphoPosition } from '../../core/types/market.ts'
import type { UndoLog } from '../../core/undo-log.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { ScreenWeights } from './screen-weights.ts'

/*
 * Owns the positions of one market.
 * 1. Accounts are found by their address in lower case and are never removed but by undoing, only emptied.
 * 2. An amount never falls below zero: if it would, an event is missing and the book is worth nothing.
 * 3. Who may act for an account is kept whether or not the account has a position, by address in lower case.
 * 4. The floats of the screen are those of the amounts at any time.
 * 5. What is done goes to the undo log, so that undoing leaves rows and their order as they were.
 */
export interface PositionTable {
  readonly get: (account: Address) => MorphoPosition | undefined
  /** Accounts that owe or have deposited anything, in the order in which they were first seen. */
  readonly addresses: () => Iterable<Address>
  /** Who may act for whom. */
  readonly authorizations: () => ReadonlyMap<string, ReadonlySet<Address>>
  readonly add: (account: Address, borrowSharesRaw: Raw, collateralRaw: Raw) => void
  readonly authorize: (account: Address, authorized: Address, enabled: boolean) => void
  /** Float screen by the market's weights, or by those of a contract that may act for the account. */
  readonly screen: (
    market: ScreenWeights | undefined,
    contracts: ReadonlyMap<Address, ScreenWeights>,
  ) => readonly Address[]
}

interface Row {
  readonly account: Address
  borrowSharesRaw: Raw
  collateralRaw: Raw
}

const isBelow = (weights: ScreenWeights, borrowShares: number, collateral: number): boolean =>
  collateral * weights.collateral < borrowShares * weights.borrowShares + weights.slack

/** Creates an empty table, which notes how to undo what is done to it. */
export const createPositionTable = (undoLog: UndoLog): PositionTable => {
  const rows: Row[] = []
  const rowOf = new Map<string, number>()
  const authorizations = new Map<string, Set<Address>>()
  let shares = new Float64Array(64)
  let collaterals = new Float64Array(64)

  const grow = (): void => {
    const size = shares.length * 2
    const [oldShares, oldCollaterals] = [shares, collaterals]
    shares = new Float64Array(size)
    collaterals = new Float64Array(size)
    shares.set(oldShares)
    collaterals.set(oldCollaterals)
  }

  const touch = (account: Address): number => {
    const key = account.toLowerCase() as Address
    const known = rowOf.get(key)
    if (known !== undefined) return known
    const row = rows.push({ account: key, borrowSharesRaw: raw(0n), collateralRaw: raw(0n) }) - 1
    rowOf.set(key, row)
    if (row >= shares.length) grow()
    undoLog.note(() => {
      rows.pop()
      rowOf.delete(key)
    })
    return row
  }

  const put = (at: number, borrowSharesRaw: Raw, collateralRaw: Raw): void => {
    Object.assign(rows[at]!, { borrowSharesRaw, collateralRaw })
    shares[at] = Number(borrowSharesRaw)
    collaterals[at] = Number(collateralRaw)
  }

  const allow = (key: string, to: Address, enabled: boolean): void => {
    const known = authorizations.get(key) ?? new Set<Address>()
    if (enabled) known.add(to)
    else known.delete(to)
    if (known.size > 0) authorizations.set(key, known)
    else authorizations.delete(key)
  }

  return {
    get: (account) => {
      const row = rows[rowOf.get(account.toLowerCase()) ?? -1]
      return row && { ...row, authorized: [...(authorizations.get(row.account) ?? [])] }
    },
    *addresses() {
      for (const { account, borrowSharesRaw, collateralRaw } of rows) {
        if (borrowSharesRaw > 0n || collateralRaw > 0n) yield account
      }
    },
    authorizations: () => authorizations,
    add: (account, borrowSharesRaw, collateralRaw) => {
      const at = touch(account)
      const row = rows[at]!
      const [owed, held] = [
        raw(row.borrowSharesRaw + borrowSharesRaw),
        raw(row.collateralRaw + collateralRaw),
      ]
      if (owed < 0n || held < 0n) {
        throw new InvariantError(
          'MORPHO_NEGATIVE_POSITION',
          `Account ${row.account} would be left with ${owed} borrow shares and ${held} of collateral: an event is missing. Read the history from the block in which the market was created.`,
          { account: row.account, borrowSharesRaw, collateralRaw },
        )
      }
      const before = { ...row }
      undoLog.note(() => put(at, before.borrowSharesRaw, before.collateralRaw))
      put(at, owed, held)
    },
    authorize: (account, authorized, enabled) => {
      const key = account.toLowerCase()
      const to = authorized.toLowerCase() as Address
      const wasAllowed = authorizations.get(key)?.has(to) ?? false
      undoLog.note(() => allow(key, to, wasAllowed))
      allow(key, to, enabled)
    },
    screen: (market, contracts) => {
      const found: Address[] = []
      for (let row = 0; row < rows.length; row++) {
        const [owed, held] = [shares[row]!, collaterals[row]!]
        if (owed === 0) continue
        const { account } = rows[row]!
        const isFound =
          (market !== undefined && isBelow(market, owed, held)) ||
          (contracts.size > 0 &&
            [...(authorizations.get(account) ?? [])].some((authorized) => {
              const weights = contracts.get(authorized)
              return weights !== undefined && isBelow(weights, owed, held)
            }))
        if (isFound) found.push(account)
      }
      return found
    },
  }
}
