import type { Bps, Ms } from '../units.ts'

/** A best bid and ask of one venue, coalesced with those right before it. */
export interface Tick {
  readonly venue: string
  /** The pair as we call it, e.g. `ETH/USD` or `ETH/USDT`. */
  readonly pair: string
  readonly bid: number
  readonly ask: number
  /** When it reached us. */
  readonly seenMs: Ms
}

/** What we believe an asset is worth in dollars. */
export interface FairPrice {
  readonly asset: string
  readonly status: 'ok' | 'degraded' | 'unknown'
  /** US dollars; NaN when the status is `unknown`. */
  readonly usd: number
  /** Half the width of what we believe. */
  readonly confidenceBps: Bps
  readonly sources: number
  readonly atMs: Ms
}

/** The oracle price of an asset against its fair price. */
export interface Divergence {
  readonly asset: string
  readonly kind: 'lag' | 'stuck' | 'wrong'
  readonly oracleUsd: number
  readonly fairUsd: number
  /** 10,000 × ln(fair / oracle): negative when the oracle is too high. */
  readonly gapBps: Bps
  readonly openedBlock: number
  readonly openedMs: Ms
}
