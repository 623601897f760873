import { min } from '../../core/math.ts'
import type { Address, Token } from '../../core/types/chain.ts'
import { base, raw, wad } from '../../core/units.ts'
import type { Opportunity, Pair } from '../../protocols/protocol.ts'

export interface OpportunityBuilder {
  readonly of: (account: Address) => OpportunityBuilder
  /** At most so much of a debt may be repaid, and each unit seizes `bonus` times its worth at `price`. */
  readonly withPair: (pair: {
    readonly collateral: Token
    readonly debt: Token
    /** Whole units of the debt. */
    readonly most: number
    /** Whole units of debt for one of collateral. */
    readonly price: number
    readonly bonusBps: number
  }) => OpportunityBuilder
  readonly build: () => Opportunity
}

const scaled = (amount: number, decimals: number): bigint =>
  (BigInt(Math.round(amount * 1e6)) * 10n ** BigInt(decimals)) / 1_000_000n

const builderOf = (account: Address, pairs: readonly Pair[]): OpportunityBuilder => ({
  of: (other) => builderOf(other, pairs),
  withPair: ({ collateral, debt, most, price, bonusBps }) => {
    const maxRepayRaw = raw(scaled(most, debt.decimals))
    const numerator = 10n ** BigInt(collateral.decimals) * BigInt(bonusBps) * 1_000_000_000n
    const denominator = 10n ** BigInt(debt.decimals) * 10_000n * BigInt(Math.round(price * 1e9))
    return builderOf(account, [
      ...pairs,
      {
        collateral,
        debt,
        maxRepayRaw,
        bonusBps,
        seizeOf: (asked) => {
          const repayRaw = min(asked, maxRepayRaw)
          return { repayRaw, seizeRaw: raw((repayRaw * numerator) / denominator) }
        },
      },
    ])
  },
  build: () => ({
    protocol: 'aave-v3',
    position: `aave-v3:${account.toLowerCase()}`,
    account,
    healthFactorWad: wad(99n * 10n ** 16n),
    debtBase: base(0n),
    pairs,
  }),
})

/** Begins an opportunity of alice, with nothing to repay yet. */
export const anOpportunity = (): OpportunityBuilder =>
  builderOf('0x00000000000000000000000000000000000a11ce', [])
