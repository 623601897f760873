import type { Lag } from '../bot/lag.ts'

/** Returns the median over rounds of a quantile of each, in milliseconds: one round that others disturbed decides nothing. */
export const medianQuantileMs = (rounds: readonly Lag[], quantile: number): number => {
  const sorted = rounds.map((lag) => lag.quantileMs(quantile)).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
