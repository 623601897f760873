import { InvariantError } from '../../core/errors.ts'
import { add, sub } from '../../core/math.ts'
import type { MorphoChange } from '../../core/types/change.ts'
import type { MorphoState, MorphoTotals } from '../../core/types/market.ts'
import { type Raw, raw, sec, wad } from '../../core/units.ts'
import { zeroFloorSub } from './wad-math.ts'

const NONE: MorphoTotals = { assetsRaw: raw(0n), sharesRaw: raw(0n) }

/** A market before its creation. */
export const EMPTY_STATE: MorphoState = {
  supply: NONE,
  borrow: NONE,
  feeWad: wad(0n),
  rateAtTargetWad: wad(0n),
  updatedSec: sec(0),
}

const plus = (totals: MorphoTotals, assetsRaw: Raw, sharesRaw: Raw): MorphoTotals => ({
  assetsRaw: add(totals.assetsRaw, assetsRaw),
  sharesRaw: add(totals.sharesRaw, sharesRaw),
})

/** A repayment may be one more than all that is owed: the contract stops at zero. */
const repaid = (totals: MorphoTotals, assetsRaw: Raw, sharesRaw: Raw): MorphoTotals => ({
  assetsRaw: zeroFloorSub(totals.assetsRaw, assetsRaw),
  sharesRaw: sub(totals.sharesRaw, sharesRaw),
})

const next = (state: MorphoState, change: MorphoChange): MorphoState => {
  const { supply, borrow } = state
  switch (change.type) {
    case 'morpho/created':
      return { ...EMPTY_STATE, updatedSec: change.updatedSec }
    case 'morpho/fee':
      return { ...state, feeWad: change.feeWad }
    case 'morpho/rate':
      return { ...state, rateAtTargetWad: change.rateAtTargetWad }
    case 'morpho/accrue': {
      const { interestRaw, feeSharesRaw, updatedSec } = change
      return {
        ...state,
        supply: plus(supply, interestRaw, feeSharesRaw),
        borrow: plus(borrow, interestRaw, raw(0n)),
        updatedSec,
      }
    }
    case 'morpho/supply':
      return { ...state, supply: plus(supply, change.assetsRaw, change.sharesRaw) }
    case 'morpho/borrow': {
      const { assetsRaw, sharesRaw } = change
      const isRepayment = assetsRaw < 0n || sharesRaw < 0n
      return {
        ...state,
        borrow: isRepayment
          ? repaid(borrow, raw(0n - assetsRaw), raw(0n - sharesRaw))
          : plus(borrow, assetsRaw, sharesRaw),
      }
    }
    case 'morpho/liquidation': {
      const { repaidRaw, repaidSharesRaw, badDebtRaw, badDebtSharesRaw } = change
      const left = repaid(borrow, repaidRaw, repaidSharesRaw)
      return {
        ...state,
        supply: { ...supply, assetsRaw: sub(supply.assetsRaw, badDebtRaw) },
        borrow: {
          assetsRaw: sub(left.assetsRaw, badDebtRaw),
          sharesRaw: sub(left.sharesRaw, badDebtSharesRaw),
        },
      }
    }
    default:
      return state
  }
}

/** Returns a market's state after a change of it, as the contract's storage has it; throws InvariantError when an event is missing. */
export const stateAfter = (state: MorphoState, change: MorphoChange): MorphoState => {
  const { supply, borrow, ...rest } = next(state, change)
  const amounts = [supply.assetsRaw, supply.sharesRaw, borrow.assetsRaw, borrow.sharesRaw]
  if (amounts.every((amount) => amount >= 0n)) return { supply, borrow, ...rest }
  throw new InvariantError(
    'MORPHO_NEGATIVE_TOTAL',
    `A ${change.type} would leave a market with totals of ${amounts.join(', ')}: an event is missing. Read the history from the block in which the market was created.`,
    { change },
  )
}
