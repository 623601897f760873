import type { Reason } from '../reasons.ts'
import type { Gas, Raw, Sec, Wei } from '../units.ts'
import type { Address, Head, Hex, PendingUpdate } from './chain.ts'
import type { Change } from './change.ts'
import type { AaveMarket, Feed, MorphoMarket, PoolKey } from './market.ts'
import type { Bundle, Liquidation, SignedTx } from './plan.ts'
import type { Divergence, Tick } from './price.ts'

/** Whatever may change our mind. */
export type Event =
  | {
      readonly type: 'start'
      readonly session: string
      /** Someone vouches for the nonces that the chain gives first: nothing unknown that was signed can land any more. */
      readonly acceptsNonces?: true
      readonly settings: unknown
    }
  | { readonly type: 'ticks'; readonly ticks: readonly Tick[] }
  | { readonly type: 'market'; readonly block: number; readonly market: AaveMarket }
  | { readonly type: 'morpho-market'; readonly block: number; readonly market: MorphoMarket }
  | { readonly type: 'feeds'; readonly block: number; readonly feeds: readonly Feed[] }
  | { readonly type: 'pools'; readonly pools: readonly PoolKey[] }
  /** Blocks before the head, in order, in chunks: the past as logs tell it. */
  | {
      readonly type: 'history'
      readonly fromBlock: number
      readonly toBlock: number
      readonly changes: readonly Change[]
    }
  /** The book holds all up to this head and may be acted upon. */
  | { readonly type: 'synced'; readonly head: Head }
  | { readonly type: 'block'; readonly head: Head; readonly changes: readonly Change[] }
  /** A parent hash did not fit from this block on: the book is void until the next `synced`. */
  | {
      readonly type: 'reorg'
      readonly block: number
      /** What the blocks before said of accounts and pools stands, and is not told anew. */
      readonly keepsPast?: true
    }
  | { readonly type: 'pending-update'; readonly update: PendingUpdate }
  | { readonly type: 'operators'; readonly operators: readonly Operator[] }
  | { readonly type: 'signed'; readonly bundle: string; readonly signed: readonly SignedTx[] }
  | { readonly type: 'relay'; readonly answer: RelayAnswer }
  | { readonly type: 'receipt'; readonly receipt: Receipt }
  | {
      readonly type: 'audit'
      readonly block: number
      /** Accounts, and tokens of which totals were held against the chain's, of which the chain answered. */
      readonly compared: readonly Address[]
      readonly mismatches: readonly AuditMismatch[]
    }
  | {
      readonly type: 'source'
      readonly source: string
      readonly status: 'up' | 'down'
      readonly reason: string
    }
  /** The queue has an alert on its disk: the journal's entry that holds it. */
  | { readonly type: 'alert-queued'; readonly entry: number }
  | { readonly type: 'timer' }

export interface Operator {
  readonly address: Address
  /** The next nonce at the head, as `eth_getTransactionCount(latest)` gives it. */
  readonly nonce: number
  readonly balanceWei: Wei
}

export interface RelayAnswer {
  readonly bundle: string
  readonly builder: string
  readonly block: number
  readonly accepted: boolean
  /** The builder's bundle hash, or its error. */
  readonly detail: string
}

export interface Receipt {
  readonly intent: string
  readonly txHash: Hex
  readonly block: number
  readonly blockHash: Hex
  readonly txIndex: number
  readonly status: 'success' | 'reverted'
  readonly gasUsed: Gas
  readonly gasPriceWei: Wei
  /** The fee recipient of the block. */
  readonly coinbase: Address
  readonly liquidations: readonly Liquidation[]
  readonly failures: readonly { readonly position: string; readonly error: Hex }[]
}

/** What the loop concluded; journalled in the same order, never an input. */
export type Fact =
  | { readonly type: 'bundle'; readonly bundle: Bundle }
  | { readonly type: 'settled'; readonly intent: string; readonly outcome: Outcome }
  | { readonly type: 'refusal'; readonly position: string; readonly reason: Reason }
  | { readonly type: 'alert'; readonly alert: Alert }

export type Outcome = 'included' | 'missed' | 'reverted'

export interface Alert {
  /** Names the matter: told once when it opens and once when it is resolved, over restarts too. */
  readonly key: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly status: 'open' | 'resolved'
  readonly kind: string
  readonly asset?: string
  readonly divergence?: Divergence
  readonly text: string
  readonly block: number
  readonly timestampSec: Sec
}

/** One line of the journal. */
export interface Entry {
  readonly seq: number
  readonly atMs: number
  readonly event?: Event
  readonly fact?: Fact
}

/** What the loop asks of the outside, once the journal holds the reason. */
export type Command =
  | { readonly type: 'sign'; readonly bundle: Bundle }
  | { readonly type: 'send'; readonly bundle: Bundle; readonly signed: readonly SignedTx[] }
  /** The journal's entry that holds the alert; absent when it is about the journal itself. */
  | { readonly type: 'alert'; readonly alert: Alert; readonly entry?: number }
  | { readonly type: 'audit'; readonly block: number; readonly accounts: readonly AuditedAccount[] }
  | {
      readonly type: 'audit-totals'
      readonly block: number
      readonly totals: readonly AuditedTotal[]
    }

/** An account, or a token's total, of which book and chain say different things. */
export interface AuditMismatch {
  readonly account: Address
  /** Both sides. */
  readonly text: string
}

/** What all accounts of the book hold of a token together, for the chain to confirm that none is missing. */
export interface AuditedTotal {
  readonly token: Address
  readonly scaledRaw: Raw
}

/** What the book says of an account, for the chain to confirm. */
export interface AuditedAccount {
  readonly account: Address
  readonly collateralBase: bigint
  readonly debtBase: bigint
  readonly healthFactorWad: bigint
}
