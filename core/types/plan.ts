import type { Bps, Gas, Raw, Wad, Wei } from '../units.ts'
import type { Address, Hex, PendingUpdate } from './chain.ts'

/** One pool of a route; `zeroForOne` is the direction in which the pool is traded. */
export interface Hop {
  readonly pool: Address
  readonly zeroForOne: boolean
}

/** A call of Morpho Blue or of a PreLiquidation contract; exactly one of the two amounts is not zero. */
export interface MorphoCall {
  readonly kind: 'liquidate' | 'pre-liquidate'
  /** Morpho itself or the PreLiquidation contract. */
  readonly target: Address
  readonly market: {
    readonly loanToken: Address
    readonly collateralToken: Address
    readonly oracle: Address
    readonly irm: Address
    readonly lltvWad: Wad
  }
  readonly seizeRaw: Raw
  readonly repaySharesRaw: Raw
  /** True where the collateral arrives before the debt is taken, in a callback that comes when data is not empty. */
  readonly callback: boolean
}

/** One position, sized and routed. */
export interface PlanItem {
  /** `protocol:account`, lower case: what a position is called everywhere. */
  readonly position: string
  readonly account: Address
  readonly collateral: Address
  readonly debt: Address
  readonly repayRaw: Raw
  /** What reaches us, after the protocol's fee. */
  readonly seizeRaw: Raw
  /** Exact-output flash swap from the debt asset back to the collateral: the first pool pays out the debt asset. */
  readonly route: readonly Hop[]
  /** What the last pool of the route takes of the collateral. */
  readonly owedRaw: Raw
  /** Exact-input swaps of what is left of the collateral into WETH; none when the collateral is WETH. */
  readonly settle: readonly Hop[]
  /** WETH left when all is done, before the bid. */
  readonly profitWei: Wei
  /** The builder's share of `profitWei`, rounded down as the executor does. */
  readonly bidWei: Wei
  /** Its part of its transaction's profit less bid and gas, in dollars at the fair price of ether. */
  readonly netUsd: number
  /** The block whose state makes the position liquidatable. */
  readonly eligibleBlock: number
  /** How the protocol is called, where account, tokens and repayment do not say it all. */
  readonly call?: MorphoCall
}

/** One transaction: positions closed together, in this order, each failing alone. */
export interface Plan {
  readonly kind: 'liquidation'
  /** `strategy:target block:number within the evaluation-hash of what it rests on`. */
  readonly id: string
  readonly strategy: string
  readonly protocol: string
  readonly targetBlock: number
  readonly parentHash: Hex
  /** The pending oracle update that the transaction must stand right behind. */
  readonly behind?: PendingUpdate
  /** Pending updates that come before that one and on whose answers the plan rests as well, in order. */
  readonly ahead?: readonly PendingUpdate[]
  readonly items: readonly PlanItem[]
  readonly bidBps: Bps
  /** The executor reverts when the WETH gained before the bid is less. */
  readonly minProfitWei: Wei
  readonly gasLimit: Gas
  readonly maxFeePerGasWei: Wei
}

/** A plan that has an operator and a nonce: at most one of its transactions can ever land. */
export interface Intent {
  readonly id: string
  readonly plan: Plan
  readonly operator: Address
  readonly nonce: number
  readonly deadlineBlock: number
}

/** Transactions that stand together, in this order, behind an oracle update or at the top of a block. */
export interface Bundle {
  readonly id: string
  readonly targetBlock: number
  /** What must stand before it: the bundles that were made for the same block earlier, whole, and other updates. */
  readonly ahead?: readonly StandingTx[]
  /** The update right before the intents. */
  readonly behind?: PendingUpdate
  readonly intents: readonly Intent[]
}

/** A transaction that a bundle repeats so that its own stand behind it. */
export interface StandingTx {
  readonly txHash: Hex
  readonly rawTx: Hex
  /** An intent's, not an oracle update. */
  readonly isOurs: boolean
}

/** A signed transaction of an intent. */
export interface SignedTx {
  readonly intent: string
  readonly txHash: Hex
  readonly rawTx: Hex
}

/** What the chain says of one closed position. */
export interface Liquidation {
  readonly position: string
  readonly collateral: Address
  readonly debt: Address
  readonly repaidRaw: Raw
  readonly seizedRaw: Raw
  readonly profitWei: Wei
  readonly bidWei: Wei
}
