import type { Raw } from '../../core/units.ts'

/** What an account has in one reserve, in scaled balances: they change by its own acts only, never by time. */
export interface Holding {
  /** The reserve's place in the book, not its id on the chain. */
  readonly slot: number
  readonly suppliedRaw: Raw
  readonly owedRaw: Raw
  /** The bit of the user's configuration; it may be set while nothing is supplied. */
  readonly collateral: boolean
}
