/** One collateral of an account: its value in the oracle's base currency and its liquidation threshold. */
export interface Weighted {
  readonly base: bigint
  readonly thresholdBps: bigint
}

const wad = 10n ** 18n
const percent = 10_000n

/** Returns a health factor as Aave V3.0 rounds it (GenericLogic.calculateUserAccountData), in wad; debt must not be zero. */
export const healthFactorWad = (collateral: readonly Weighted[], debtBase: bigint): bigint => {
  let total = 0n
  let weighted = 0n
  for (const { base, thresholdBps } of collateral) {
    total += base
    weighted += base * thresholdBps
  }
  if (total === 0n) return 0n
  const threshold = weighted / total
  const covered = (total * threshold + percent / 2n) / percent
  return (covered * wad + debtBase / 2n) / debtBase
}
