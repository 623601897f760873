import { zeroAddress } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { MorphoChange } from '../../core/types/change.ts'
import type { MorphoPosition, MorphoState } from '../../core/types/market.ts'
import { raw } from '../../core/units.ts'

const NONE = raw(0n)

/** The changes that lead from nothing to a market's state and its positions. */
export const marketChanges = function* (
  market: Hex,
  { supply, borrow, feeWad, rateAtTargetWad, updatedSec }: MorphoState,
  positions: Iterable<MorphoPosition>,
  authorizations: ReadonlyMap<string, ReadonlySet<Address>>,
): Iterable<MorphoChange> {
  if (updatedSec === 0) return
  yield { type: 'morpho/created', market, updatedSec }
  yield { type: 'morpho/fee', market, feeWad }
  yield { type: 'morpho/rate', market, rateAtTargetWad }
  yield { type: 'morpho/supply', market, ...supply }
  // What is owed is the market's alone: accounts bring their shares.
  let assetsRaw = borrow.assetsRaw
  for (const { account, borrowSharesRaw: sharesRaw, collateralRaw: deltaRaw } of positions) {
    if (sharesRaw !== 0n) {
      yield { type: 'morpho/borrow', market, account, assetsRaw, sharesRaw }
      assetsRaw = NONE
    }
    if (deltaRaw !== 0n) yield { type: 'morpho/collateral', market, account, deltaRaw }
  }
  // Rounding may leave something owed when nobody has a share of it any more.
  if (assetsRaw !== 0n)
    yield { type: 'morpho/borrow', market, account: zeroAddress, assetsRaw, sharesRaw: NONE }
  for (const [account, allowed] of authorizations)
    for (const authorized of allowed)
      yield {
        type: 'morpho/authorization',
        account: account as Address,
        authorized,
        enabled: true,
      }
}
