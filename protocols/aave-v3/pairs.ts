import { type Raw, raw } from '../../core/units.ts'
import type { Pair } from '../protocol.ts'
import type { AccountData } from './health.ts'
import type { Holding } from './holding.ts'
import {
  type LiquidationCase,
  liquidationCall,
  liquidationCase,
  maxLiquidatableDebt,
} from './liquidation.ts'
import type { MarketAt } from './market-at.ts'

const NOTHING = { repayRaw: raw(0n), seizeRaw: raw(0n) }

const amountsOf = (it: LiquidationCase, coverRaw: Raw): ReturnType<Pair['seizeOf']> => {
  const result = liquidationCall(it, coverRaw)
  return typeof result === 'string' ? NOTHING : result
}

/** Returns every collateral and debt of a liquidatable account that one call may take, in the order of the reserves. */
export const pairsOf = (
  holdings: readonly Holding[],
  market: MarketAt,
  category: number,
  data: AccountData,
): readonly Pair[] => {
  const emode = market.emodeOf(category)
  const pairs: Pair[] = []
  for (const held of holdings) {
    if (!held.collateral) continue
    for (const owed of holdings) {
      if (owed.owedRaw === 0n) continue
      const [collateral, debt] = [market.reserves[held.slot], market.reserves[owed.slot]]
      if (collateral === undefined || debt === undefined) continue
      const it = liquidationCase(collateral, debt, held, owed, emode, data.healthFactorWad)
      if (it === undefined) continue
      const limitRaw = maxLiquidatableDebt(it)
      const { repayRaw: maxRepayRaw } = amountsOf(it, limitRaw)
      // What a call really repays can be asked for as it is, but for dust, where the second rounding leaves nothing.
      const isExact =
        maxRepayRaw === limitRaw || amountsOf(it, maxRepayRaw).repayRaw === maxRepayRaw
      if (maxRepayRaw === 0n || !isExact) continue
      pairs.push({
        collateral: collateral.token,
        debt: debt.token,
        maxRepayRaw,
        bonusBps: Number(it.bonusBps),
        seizeOf: (repayRaw) => amountsOf(it, repayRaw),
      })
    }
  }
  return pairs
}
