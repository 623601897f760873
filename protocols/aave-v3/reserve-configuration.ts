import { type Bps, bps } from '../../core/units.ts'

/** What liquidations depend on of a reserve's configuration word. */
export interface ReserveConfiguration {
  readonly ltvBps: Bps
  readonly liquidationThresholdBps: Bps
  readonly liquidationBonusBps: Bps
  readonly decimals: number
  readonly active: boolean
  readonly paused: boolean
  readonly protocolFeeBps: Bps
  readonly emodeCategory: number
}

/** Mirrors the bit positions of `ReserveConfiguration` (core-v3 1.19.3). */
export const parseReserveConfiguration = (data: bigint): ReserveConfiguration => {
  const field = (start: bigint, bits: bigint): number =>
    Number((data >> start) & ((1n << bits) - 1n))
  return {
    ltvBps: bps(field(0n, 16n)),
    liquidationThresholdBps: bps(field(16n, 16n)),
    liquidationBonusBps: bps(field(32n, 16n)),
    decimals: field(48n, 8n),
    active: field(56n, 1n) === 1,
    paused: field(60n, 1n) === 1,
    protocolFeeBps: bps(field(152n, 16n)),
    emodeCategory: field(168n, 8n),
  }
}
