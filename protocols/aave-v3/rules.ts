import type { Pair } from '../protocol.ts'
import { accountData33 } from './account-data-33.ts'
import { type AccountData, calculateUserAccountData } from './health.ts'
import type { Holding } from './holding.ts'
import type { CompoundedInterest, MarketAt } from './market-at.ts'
import { pairsOf } from './pairs.ts'
import { pairsOf33 } from './pairs-33.ts'
import { compoundedInterest } from './ray-math.ts'
import { type Rounding, roundings } from './rounding.ts'

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

const rulesWith = (rounding: Rounding): AaveRules => ({
  name: rounding.version,
  compoundedInterest: rounding.compounded,
  accountData: (...args) => accountData33(rounding, ...args),
  pairsOf: (...args) => pairsOf33(rounding, ...args),
})

const byRevision: ReadonlyMap<number, AaveRules> = new Map([
  ...[1, 2, 3].map((revision) => [revision, rules30] as const),
  ...[...roundings].map(([revision, rounding]) => [revision, rulesWith(rounding)] as const),
])

/** Returns the rules of a `POOL_REVISION`, undefined for one that we may watch but not act upon. */
export const rulesOf = (revision: number): AaveRules | undefined => byRevision.get(revision)
