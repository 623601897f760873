import type { Address } from '../../core/types/chain.ts'
import type { AaveChange } from '../../core/types/change.ts'
import type { Account } from './account-table.ts'

/** The changes that lead from nothing to an account; `reserves` are by slot. */
export const accountChanges = function* (
  { address: account, category, stable, holdings }: Account,
  reserves: readonly Address[],
): Iterable<AaveChange> {
  for (const { slot, suppliedRaw, owedRaw, collateral } of holdings) {
    const reserve = reserves[slot]!
    if (suppliedRaw !== 0n)
      yield { type: 'aave/scaled', side: 'supply', reserve, account, deltaRaw: suppliedRaw }
    if (owedRaw !== 0n)
      yield { type: 'aave/scaled', side: 'debt', reserve, account, deltaRaw: owedRaw }
    if (collateral) yield { type: 'aave/collateral', reserve, account, enabled: true }
  }
  const [first] = reserves
  if (stable && first) yield { type: 'aave/stable-debt', reserve: first, account }
  if (category !== 0) yield { type: 'aave/emode', account, category }
}
