import { type Base, base, type Wad, wad } from '../../core/units.ts'
import type { Holding } from './holding.ts'
import type { EmodeAt, MarketAt, ReserveAt } from './market-at.ts'
import { percentMul, rayMul, wadDiv } from './ray-math.ts'

/** What `getUserAccountData` answers, less what concerns borrowing. */
export interface AccountData {
  readonly collateralBase: Base
  readonly debtBase: Base
  readonly averageThresholdBps: bigint
  readonly healthFactorWad: Wad
}

/** The health factor of an account without debt. */
const MAX_HEALTH_FACTOR = wad(2n ** 256n - 1n)

/** Mirrors the choice of price in `GenericLogic.calculateUserAccountData`: the category's own, for its own assets. */
export const priceFor = (reserve: ReserveAt, emode: EmodeAt): Base | undefined =>
  emode.priceBase !== undefined && emode.category === reserve.category
    ? emode.priceBase
    : reserve.priceBase

/** Mirrors `GenericLogic.calculateUserAccountData` (core-v3 1.19.3); undefined where it would revert for want of a price. */
export const calculateUserAccountData = (
  holdings: readonly Holding[],
  market: MarketAt,
  category: number,
): AccountData | undefined => {
  const emode = market.emodeOf(category)
  if (emode.silent) return undefined
  let collateralBase = 0n
  let debtBase = 0n
  let weightedBase = 0n
  for (const { slot, suppliedRaw, owedRaw, collateral } of holdings) {
    if (!collateral && owedRaw === 0n) continue
    const reserve = market.reserves[slot]
    const priceBase = reserve && priceFor(reserve, emode)
    if (reserve === undefined || priceBase === undefined) return undefined
    if (collateral && reserve.thresholdBps !== 0n) {
      const valueBase =
        (rayMul(suppliedRaw, reserve.liquidityIndexRay) * priceBase) / reserve.unitRaw
      const inCategory = category !== 0 && reserve.category === category
      collateralBase += valueBase
      weightedBase += valueBase * (inCategory ? emode.thresholdBps : reserve.thresholdBps)
    }
    if (owedRaw !== 0n) {
      debtBase += (rayMul(owedRaw, reserve.variableBorrowIndexRay) * priceBase) / reserve.unitRaw
    }
  }
  const averageThresholdBps = collateralBase === 0n ? 0n : weightedBase / collateralBase
  return {
    collateralBase: base(collateralBase),
    debtBase: base(debtBase),
    averageThresholdBps,
    healthFactorWad:
      debtBase === 0n
        ? MAX_HEALTH_FACTOR
        : wadDiv(percentMul(collateralBase, averageThresholdBps), debtBase),
  }
}
