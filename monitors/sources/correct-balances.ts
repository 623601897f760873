import type { Address, Head } from '../../core/types/chain.ts'
import type { AaveChange, Change } from '../../core/types/change.ts'
import type { AaveMarket } from '../../core/types/market.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { BulkBalances } from './bulk-balances.ts'

type ScaledChange = Extract<AaveChange, { readonly type: 'aave/scaled' }>

/**
 * Returns what makes the scaled balances that a book holds those of the chain at a head: a market that was upgraded rounded
 * otherwise before, and its events do not say how. Only balances that the book knows of are looked at; the totals show
 * whether there are others.
 */
export const correctBalances = async (
  bulk: BulkBalances,
  head: Head,
  market: AaveMarket,
  held: Iterable<Change>,
): Promise<readonly ScaledChange[]> => {
  const known = new Map<string, Map<Address, Raw>>()
  for (const change of held) {
    if (change.type !== 'aave/scaled') continue
    const name = `${change.side}:${change.reserve.toLowerCase()}`
    const balances = known.get(name) ?? new Map<Address, Raw>()
    known.set(name, balances.set(change.account, change.deltaRaw))
  }
  const corrections: ScaledChange[] = []
  for (const { token, aToken, variableDebtToken } of market.reserves) {
    const reserve = token.address.toLowerCase() as Address
    for (const side of ['supply', 'debt'] as const) {
      const balances = known.get(`${side}:${reserve}`)
      if (balances === undefined) continue
      const accounts = [...balances.keys()]
      const of = side === 'supply' ? aToken : variableDebtToken
      const chain = await bulk.read(head.hash, of, accounts)
      for (const [i, account] of accounts.entries()) {
        const deltaRaw = raw(chain[i]! - balances.get(account)!)
        if (deltaRaw !== 0n)
          corrections.push({ type: 'aave/scaled', side, reserve, account, deltaRaw })
      }
    }
  }
  return corrections
}
