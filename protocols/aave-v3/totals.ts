import type { AuditedTotal } from '../../core/types/event.ts'
import type { AaveReserve } from '../../core/types/market.ts'
import { raw } from '../../core/units.ts'
import type { Account } from './account-table.ts'

/**
 * Returns what all accounts hold and owe together of each listed reserve, by its aToken and its variable debt token:
 * `scaledTotalSupply` of these says the same when no account is missing. Reserves are by slot.
 */
export const totalsOf = (
  accounts: Iterable<Account>,
  reserves: readonly (AaveReserve | undefined)[],
): readonly AuditedTotal[] => {
  const supplied = reserves.map(() => 0n)
  const owed = reserves.map(() => 0n)
  for (const { holdings } of accounts)
    for (const { slot, suppliedRaw, owedRaw } of holdings) {
      supplied[slot]! += suppliedRaw
      owed[slot]! += owedRaw
    }
  return reserves.flatMap((reserve, slot) =>
    reserve === undefined
      ? []
      : [
          { token: reserve.aToken, scaledRaw: raw(supplied[slot]!) },
          { token: reserve.variableDebtToken, scaledRaw: raw(owed[slot]!) },
        ],
  )
}
