import { add, sub } from '../../core/math.ts'
import type { MorphoMarket, MorphoState } from '../../core/types/market.ts'
import { type Raw, raw, type Sec, type Wad, wad } from '../../core/units.ts'
import { borrowRate } from './adaptive-curve-irm.ts'
import { toSharesDown } from './shares-math.ts'
import { wMulDown, wTaylorCompounded } from './wad-math.ts'

/** A market after its interest was accrued, and what its `AccrueInterest` event says. */
export interface Accrual {
  readonly state: MorphoState
  readonly averageRateWad: Wad
  readonly interestRaw: Raw
  readonly feeSharesRaw: Raw
}

const NOTHING = { averageRateWad: wad(0n), interestRaw: raw(0n), feeSharesRaw: raw(0n) }

/**
 * Mirrors `Morpho._accrueInterest` (morpho-blue 1.0.0): one accrual from the last to this time, as the next call will
 * make it. Two accruals are not the same as one over both times. A time before the last update leaves the market.
 */
export const accrueInterest = (
  state: MorphoState,
  rateModel: MorphoMarket['rateModel'],
  timestampSec: Sec,
): Accrual => {
  const { supply, borrow, feeWad, rateAtTargetWad, updatedSec } = state
  const elapsedSec = BigInt(timestampSec - updatedSec)
  if (elapsedSec <= 0n) return { state, ...NOTHING }
  if (rateModel === 'none') return { state: { ...state, updatedSec: timestampSec }, ...NOTHING }
  const rate = borrowRate(supply, borrow, rateAtTargetWad, elapsedSec)
  const interestRaw = wMulDown(borrow.assetsRaw, wTaylorCompounded(rate.averageRateWad, elapsedSec))
  const suppliedRaw = add(supply.assetsRaw, interestRaw)
  const feeRaw = wMulDown(interestRaw, feeWad)
  // The fee's shares are priced as if the fee had been supplied after the rest of the interest was earned.
  const feeSharesRaw = toSharesDown(feeRaw, { ...supply, assetsRaw: sub(suppliedRaw, feeRaw) })
  return {
    averageRateWad: rate.averageRateWad,
    interestRaw,
    feeSharesRaw,
    state: {
      supply: { assetsRaw: suppliedRaw, sharesRaw: add(supply.sharesRaw, feeSharesRaw) },
      borrow: { ...borrow, assetsRaw: add(borrow.assetsRaw, interestRaw) },
      feeWad,
      rateAtTargetWad: rate.rateAtTargetWad,
      updatedSec: timestampSec,
    },
  }
}
