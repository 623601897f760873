/**
 * The report of a run, as printed by `--json`; docs/scenarios.md describes each field. Times are milliseconds since the
 * process started, dollars are at the fair price of the inclusion block, raw amounts are decimal strings.
 */
export interface Report {
  readonly scenario: string
  readonly wallMs: number
  readonly firstAlertMs?: number
  readonly firstLiquidationMs?: number
  readonly alerts: readonly ReportedAlert[]
  readonly oracleUpdates: readonly ReportedUpdate[]
  readonly liquidations: readonly ReportedLiquidation[]
  readonly missed: readonly {
    readonly id: string
    readonly reason: string
    /** What brute force makes of it, before gas. */
    readonly worthWei: string
  }[]
  readonly bundles: {
    readonly sent: number
    readonly included: number
    readonly missed: number
    readonly expired: number
  }
  readonly reverts: number
  readonly stranded: Readonly<Record<string, string>>
  readonly profit: Readonly<Record<string, string>>
  readonly treasuryDelta: Readonly<Record<string, string>>
  /** Null when brute force finds nothing that pays. */
  readonly capturedOverBruteForce: number | null
  /** The same after bids and gas. */
  readonly netOverBruteForce: number | null
  readonly bruteForce: {
    readonly positions: number
    readonly taken: number
    readonly profitWei: string
    readonly capturedWei: string
    readonly keptWei: string
    readonly byBlock: readonly {
      readonly block: number
      readonly profitWei: string
      readonly capturedWei: string
      readonly keptWei: string
    }[]
  }
  /** What the run did not live up to; empty when it passed. */
  readonly failed: readonly string[]
}

export interface ReportedAlert {
  readonly kind: string
  readonly asset?: string
  readonly gapBps?: number
  readonly openedBlock: number
  readonly atMs: number
}

export interface ReportedUpdate {
  readonly asset: string
  readonly answer: string
  readonly block: number
  readonly txIndex: number
  readonly pendingAtMs: number
}

export interface ReportedLiquidation {
  readonly id: string
  readonly strategy: string
  readonly protocol: string
  readonly collateral: string
  readonly debt: string
  readonly repayRaw: string
  readonly seizeRaw: string
  readonly plannedProfitWei: string
  readonly profitWei: string
  readonly plannedNetUsd: number
  readonly profitUsd: number
  readonly bidWei: string
  readonly gasUsed: number
  readonly eligibleBlock: number
  readonly includedBlock: number
  readonly txIndex: number
  readonly oracleTxIndex?: number
  readonly builder: string
  /** False when the block's parent, or what stood before the transaction, was not what the plan assumed. */
  readonly parentAsPlanned: boolean
}
