import type { MorphoMarket, MorphoPreLiquidation, MorphoState } from '../../core/types/market.ts'
import type { Raw } from '../../core/units.ts'
import type { PriceView } from '../protocol.ts'
import { accrueInterest } from './accrue.ts'
import { priceOf } from './oracle-price.ts'

/** A market with its interest accrued to a view's time, at the view's answers. */
export interface MarketAt {
  readonly market: MorphoMarket
  readonly state: MorphoState
  /** Undefined where the market's oracle would revert. */
  readonly priceRaw: Raw | undefined
  /** Those whose own oracle answers. */
  readonly preLiquidations: readonly {
    readonly terms: MorphoPreLiquidation
    readonly priceRaw: Raw
  }[]
}

/** Returns the market as a call in a block of the view's time would find it. */
export const marketAt = (market: MorphoMarket, state: MorphoState, view: PriceView): MarketAt => ({
  market,
  state: accrueInterest(state, market.rateModel, view.timestampSec).state,
  priceRaw: priceOf(market.oracle, view),
  preLiquidations: market.preLiquidations.flatMap((terms) => {
    const priceRaw = priceOf(terms.oracle, view)
    return priceRaw === undefined ? [] : [{ terms, priceRaw }]
  }),
})
