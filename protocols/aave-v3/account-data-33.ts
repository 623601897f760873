import { base, wad } from '../../core/units.ts'
import type { AccountData } from './health.ts'
import type { Holding } from './holding.ts'
import type { EmodeAt, MarketAt, ReserveAt } from './market-at.ts'
import { percentMul, wadDiv } from './ray-math.ts'
import type { Rounding } from './rounding.ts'

/** The health factor of an account without debt. */
const MAX_HEALTH_FACTOR = wad(2n ** 256n - 1n)
const PERCENT = 10_000n

/** Whether a category's terms hold for a reserve as collateral: from 3.2 on a category lists its reserves by bits. */
export const isInCategory = (
  reserve: ReserveAt,
  { category, collateralBitmap }: EmodeAt,
): boolean => category !== 0 && ((collateralBitmap >> BigInt(reserve.id)) & 1n) === 1n

/**
 * Mirrors `GenericLogic.calculateUserAccountData` (aave-v3-origin 3.3 to 3.7, by its rounding); undefined where it would
 * revert for want of a price.
 */
export const accountData33 = (
  rounding: Rounding,
  holdings: readonly Holding[],
  market: MarketAt,
  category: number,
): AccountData | undefined => {
  const emode = market.emodeOf(category)
  let collateralBase = 0n
  let debtBase = 0n
  let weightedBase = 0n
  for (const { slot, suppliedRaw, owedRaw, collateral } of holdings) {
    if (!collateral && owedRaw === 0n) continue
    const reserve = market.reserves[slot]
    if (reserve?.priceBase === undefined) return undefined
    const { priceBase, unitRaw } = reserve
    if (collateral && (reserve.thresholdBps !== 0n || !rounding.gatesThreshold)) {
      const heldRaw = rounding.suppliedOf(suppliedRaw, reserve.liquidityIndexRay)
      const valueBase = (heldRaw * priceBase) / unitRaw
      const inCategory = isInCategory(reserve, emode)
      collateralBase += valueBase
      weightedBase += valueBase * (inCategory ? emode.thresholdBps : reserve.thresholdBps)
    }
    if (owedRaw !== 0n) {
      const balanceRaw = rounding.owedOf(owedRaw, reserve.variableBorrowIndexRay)
      debtBase += rounding.worthOfDebt(balanceRaw * priceBase, unitRaw)
    }
  }
  const averageThresholdBps = collateralBase === 0n ? 0n : weightedBase / collateralBase
  const healthFactorWad = (): bigint => {
    if (debtBase === 0n) return MAX_HEALTH_FACTOR
    return rounding.weighsHealth
      ? wadDiv(weightedBase, debtBase) / PERCENT
      : wadDiv(percentMul(collateralBase, averageThresholdBps), debtBase)
  }
  return {
    collateralBase: base(collateralBase),
    debtBase: base(debtBase),
    averageThresholdBps,
    healthFactorWad: wad(healthFactorWad()),
  }
}
