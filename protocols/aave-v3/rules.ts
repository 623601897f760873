import type { Pair } from '../protocol.ts'
import { type AccountData, calculateUserAccountData } from './health.ts'
import type { Holding } from './holding.ts'
import type { CompoundedInterest, MarketAt } from './market-at.ts'
import { pairsOf } from './pairs.ts'
import { compoundedInterest } from './ray-math.ts'

/** What differs between revisions of the protocol: a family of revisions is one such object. */
export interface AaveRules {
  readonly name: string
  readonly compoundedInterest: CompoundedInterest
  readonly accountData: (
    holdings: readonly Holding[],
    market: MarketAt,
    category: number,
  ) => AccountData | undefined
  readonly pairsOf: (
    holdings: readonly Holding[],
    market: MarketAt,
    category: number,
    data: AccountData,
  ) => readonly Pair[]
}

/** The rules of version 3.0, as `@aave/core-v3` 1.19.3 has them. */
export const rules30: AaveRules = {
  name: '3.0',
  compoundedInterest,
  accountData: calculateUserAccountData,
  pairsOf,
}

/** Returns the rules of a `POOL_REVISION`, undefined for one that we may watch but not act upon. */
export const rulesOf = (revision: number): AaveRules | undefined =>
  revision >= 1 && revision <= 3 ? rules30 : undefined
