import type { Address, Token } from '../core/types/chain.ts'
import type { Change } from '../core/types/change.ts'
import type { AuditedAccount, AuditedTotal, Event } from '../core/types/event.ts'
import type { MorphoCall } from '../core/types/plan.ts'
import type { Base, Raw, Sec, Wad } from '../core/units.ts'

/** The prices and the time at which a protocol's rules are asked: the target block's, not the head's. */
export interface PriceView {
  readonly timestampSec: Sec
  /** The answer of a feed, by its aggregator in lower case, in the protocol's base currency; undefined when unknown. */
  readonly priceOf: (aggregator: Address) => Base | undefined
  /** The answer of a feed as it is, in its own decimals, zero and below included; undefined when unknown. */
  readonly answerOf?: (aggregator: Address) => Raw | undefined
}

/** One collateral and one debt asset of a liquidatable account, with the sizes that the protocol allows. */
export interface Pair {
  readonly collateral: Token
  readonly debt: Token
  /** The most that one call may repay of this debt, after close factor and collateral at hand. */
  readonly maxRepayRaw: Raw
  readonly bonusBps: number
  /** Returns what a call with `repayRaw` really repays and what it sends us, exactly as the contract computes them. */
  readonly seizeOf: (repayRaw: Raw) => { readonly repayRaw: Raw; readonly seizeRaw: Raw }
  /** Other sizes worth a look: above each the contract refuses, up to the most. */
  readonly edgesRaw?: readonly Raw[]
  /** The call that does so, where account, tokens and repayment do not say it all; undefined for a size that it refuses. */
  readonly callOf?: (repayRaw: Raw) => MorphoCall | undefined
}

/** An account that the protocol would let us liquidate, not sized yet. */
export interface Opportunity {
  readonly protocol: string
  /** `protocol:account`, lower case. */
  readonly position: string
  readonly account: Address
  readonly healthFactorWad: Wad
  readonly debtBase: Base
  readonly pairs: readonly Pair[]
}

/** A protocol's part of the book: the only state is within, `apply` is its only writer. */
export interface ProtocolBook {
  readonly id: string
  readonly apply: (event: Event) => void
  /** False for revisions whose rules we do not hold: followed, alerted, never acted upon. */
  readonly supported: boolean
  readonly accounts: () => Iterable<Address>
  /** The changes that lead from nothing to what is held of accounts; a reading says the rest. */
  readonly snapshot: () => Iterable<Change>
  /** Float screen: every account that may be liquidatable under the view, and a few that are not. Misses none. */
  readonly screen: (view: PriceView) => readonly Address[]
  /** Exact: undefined when the contract would refuse. */
  readonly examine: (account: Address, view: PriceView) => Opportunity | undefined
  readonly audited: (account: Address, view: PriceView) => AuditedAccount | undefined
  /** The tokens that an account has deposited as collateral and those that it owes. */
  readonly tokensOf: (account: Address) => {
    readonly collateral: readonly Token[]
    readonly debt: readonly Token[]
  }
  /** What all accounts hold together, by token; the chain knows it too, so that a missing account shows. */
  readonly totals: () => readonly AuditedTotal[]
  /** The feed that the protocol reads for a token, where it can tell: what a plan rests on is checked by it. */
  readonly aggregatorOf?: (token: Address) => Address | undefined
}
