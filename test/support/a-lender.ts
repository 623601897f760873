import type { Address } from '../../core/types/chain.ts'
import { base, raw, wad } from '../../core/units.ts'
import type { Opportunity, PriceView, ProtocolBook } from '../../protocols/protocol.ts'

export interface Borrower {
  readonly opportunity: Opportunity
  /** Liquidatable while the feed's price is below this, in dollars. */
  readonly aggregator: Address
  readonly belowUsd: number
  /** And not before this time. */
  readonly fromSec?: number
}

/**
 * A protocol whose accounts are liquidatable by one feed's price each, and seize more the lower it is; its screen takes a
 * few too many.
 */
export const aLender = (borrowers: readonly Borrower[], supported = true): ProtocolBook => {
  const isBelow = (borrower: Borrower, view: PriceView, slack = 1): boolean => {
    const price = view.priceOf(borrower.aggregator)
    return price !== undefined && price < base(BigInt(Math.round(borrower.belowUsd * slack * 1e8)))
  }
  return {
    id: 'aave-v3',
    supported,
    apply: () => undefined,
    snapshot: () => [],
    totals: () => [],
    tokensOf: () => ({ collateral: [], debt: [] }),
    accounts: () => borrowers.map(({ opportunity }) => opportunity.account),
    screen: (view) =>
      borrowers
        .filter((borrower) => isBelow(borrower, view, 1.01))
        .map(({ opportunity }) => opportunity.account),
    examine: (account, view) => {
      const fallen = borrowers.find(
        (borrower) =>
          borrower.opportunity.account === account &&
          isBelow(borrower, view) &&
          view.timestampSec >= (borrower.fromSec ?? 0),
      )
      return fallen && priced(fallen, view.priceOf(fallen.aggregator)!)
    },
    audited: () => undefined,
  }
}

/** An opportunity is given as it is at the price at which it begins. */
const priced = ({ opportunity, belowUsd }: Borrower, priceBase: bigint): Opportunity => {
  const lineBase = BigInt(Math.round(belowUsd * 1e8))
  return {
    ...opportunity,
    healthFactorWad: wad((priceBase * 10n ** 18n) / lineBase),
    pairs: opportunity.pairs.map((pair) => ({
      ...pair,
      seizeOf: (asked) => {
        const { repayRaw, seizeRaw } = pair.seizeOf(asked)
        return { repayRaw, seizeRaw: raw((seizeRaw * lineBase) / priceBase) }
      },
    })),
  }
}
