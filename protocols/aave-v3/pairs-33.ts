import { max } from '../../core/math.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { Pair } from '../protocol.ts'
import { isInCategory } from './account-data-33.ts'
import type { AccountData } from './health.ts'
import type { Holding } from './holding.ts'
import {
  type LiquidationCase33,
  largestWithoutDust,
  liquidationCall33,
  maxLiquidatableDebt33,
} from './liquidation-33.ts'
import type { MarketAt } from './market-at.ts'
import type { Rounding } from './rounding.ts'

const NOTHING = { repayRaw: raw(0n), seizeRaw: raw(0n) }

type Amounts = ReturnType<Pair['seizeOf']>

const caseOf = (
  [held, owed]: readonly [Holding, Holding],
  market: MarketAt,
  category: number,
  data: AccountData,
): LiquidationCase33 | undefined => {
  const [collateral, debt] = [market.reserves[held.slot], market.reserves[owed.slot]]
  if (collateral?.priceBase === undefined || debt?.priceBase === undefined) return undefined
  const emode = market.emodeOf(category)
  return {
    collateral,
    debt,
    suppliedRaw: held.suppliedRaw,
    owedRaw: owed.owedRaw,
    enabled: held.collateral,
    healthFactorWad: data.healthFactorWad,
    bonusBps: isInCategory(collateral, emode) ? emode.bonusBps : collateral.bonusBps,
    collateralPriceBase: collateral.priceBase,
    debtPriceBase: debt.priceBase,
    totalCollateralBase: data.collateralBase,
    totalDebtBase: data.debtBase,
    timestampSec: market.timestampSec,
  }
}

const pairOf = (it: LiquidationCase33, rounding: Rounding): readonly Pair[] => {
  const amountsOf = (coverRaw: Raw): Amounts => {
    const result = liquidationCall33(it, rounding, coverRaw)
    return typeof result === 'string' ? NOTHING : result
  }
  const isLegal = (coverRaw: Raw): boolean =>
    coverRaw > 0n && amountsOf(coverRaw).repayRaw === coverRaw
  // All that may be repaid, and the most that leaves no dust: between the two there may be nothing that is legal.
  const wholeRaw = amountsOf(maxLiquidatableDebt33(it, rounding)).repayRaw
  const legal = [largestWithoutDust(it, rounding), wholeRaw].filter(isLegal)
  const maxRepayRaw = legal.reduce((most, one) => max(most, one), raw(0n))
  if (maxRepayRaw === 0n) return []
  return [
    {
      collateral: it.collateral.token,
      debt: it.debt.token,
      maxRepayRaw,
      bonusBps: Number(it.bonusBps),
      seizeOf: amountsOf,
      edgesRaw: legal.filter((one) => one !== maxRepayRaw),
    },
  ]
}

/** Returns every collateral and debt of a liquidatable account that one call may take, in the order of the reserves. */
export const pairsOf33 = (
  rounding: Rounding,
  holdings: readonly Holding[],
  market: MarketAt,
  category: number,
  data: AccountData,
): readonly Pair[] =>
  holdings.flatMap((held) =>
    held.collateral && held.suppliedRaw !== 0n
      ? holdings.flatMap((owed) => {
          const it = owed.owedRaw === 0n ? undefined : caseOf([held, owed], market, category, data)
          return it === undefined ? [] : pairOf(it, rounding)
        })
      : [],
  )
