import { min } from '../../core/math.ts'
import { type Base, type Raw, raw, type Sec, WAD, type Wad } from '../../core/units.ts'
import type { ReserveAt } from './market-at.ts'
import { percentMul } from './ray-math.ts'
import type { Rounding } from './rounding.ts'

const CLOSE_FACTOR_HF_THRESHOLD = 95n * 10n ** 16n
const DEFAULT_LIQUIDATION_CLOSE_FACTOR = 5_000n
const MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD = 2_000n * 10n ** 8n
const MIN_LEFTOVER_BASE = 1_000n * 10n ** 8n

/** Why the contract refuses a call, as its errors are named from revision 8 on, in the order of its checks. */
export type LiquidationError33 =
  | 'ReserveInactive'
  | 'ReservePaused'
  | 'LiquidationGraceSentinelCheckFailed'
  | 'HealthFactorNotBelowThreshold'
  | 'CollateralCannotBeLiquidated'
  | 'SpecifiedCurrencyNotBorrowedByUser'
  | 'MustNotLeaveDust'
  | 'InvalidBurnAmount'
  | 'Panic17'

/** All that a call on one account, one collateral and one debt depends on, but for its size. */
export interface LiquidationCase33 {
  readonly collateral: ReserveAt
  readonly debt: ReserveAt
  readonly suppliedRaw: Raw
  readonly owedRaw: Raw
  /** The bit of the user's configuration for this collateral. */
  readonly enabled: boolean
  readonly healthFactorWad: Wad
  readonly bonusBps: bigint
  readonly collateralPriceBase: Base
  readonly debtPriceBase: Base
  /** What all of the position's collateral and debt is worth. */
  readonly totalCollateralBase: Base
  readonly totalDebtBase: Base
  readonly timestampSec: Sec
}

/** What a call repays, sends to the caller and sends to the treasury, and what it leaves. */
export interface LiquidationAmounts33 {
  readonly repayRaw: Raw
  readonly seizeRaw: Raw
  readonly feeRaw: Raw
  /** What the treasury's scaled balance gains. */
  readonly feeScaledRaw: Raw
  /** Nothing is left of all collateral: what is still owed, here and in other reserves, becomes a deficit. */
  readonly leavesNoCollateral: boolean
  /** What the account is left with in the two reserves, scaled, and whether the collateral stays switched on. */
  readonly suppliedRaw: Raw
  readonly owedRaw: Raw
  readonly staysCollateral: boolean
}

const heldOf = ({ suppliedRaw, collateral }: LiquidationCase33, rounding: Rounding): Raw =>
  rounding.suppliedOf(suppliedRaw, collateral.liquidityIndexRay)

const owedOf = ({ owedRaw, debt }: LiquidationCase33, rounding: Rounding): Raw =>
  rounding.owedOf(owedRaw, debt.variableBorrowIndexRay)

/** Mirrors `ValidationLogic.validateLiquidationCall` (aave-v3-origin 3.3 to 3.7) in its order, without a sentinel, by another than the borrower. */
const validate = (it: LiquidationCase33, rounding: Rounding): LiquidationError33 | undefined => {
  const { collateral, debt, timestampSec } = it
  if (!collateral.active || !debt.active) return 'ReserveInactive'
  if (collateral.paused || debt.paused) return 'ReservePaused'
  if (Math.max(collateral.graceUntilSec, debt.graceUntilSec) >= timestampSec)
    return 'LiquidationGraceSentinelCheckFailed'
  if (it.healthFactorWad >= WAD) return 'HealthFactorNotBelowThreshold'
  const isGated = rounding.gatesThreshold && collateral.thresholdBps === 0n
  if (isGated || !it.enabled) return 'CollateralCannotBeLiquidated'
  if (owedOf(it, rounding) === 0n) return 'SpecifiedCurrencyNotBorrowedByUser'
  return undefined
}

/**
 * Mirrors the close factor of `LiquidationLogic.executeLiquidationCall` (aave-v3-origin 3.3 to 3.7): half of the whole
 * position's debt, unless it is small or far gone. It is the most of this reserve's debt that one call may repay.
 */
export const maxLiquidatableDebt33 = (it: LiquidationCase33, rounding: Rounding): Raw => {
  const { debt, collateral, debtPriceBase } = it
  const owedRaw = owedOf(it, rounding)
  const heldBase = (heldOf(it, rounding) * it.collateralPriceBase) / collateral.unitRaw
  const owedBase = rounding.worthOfDebt(owedRaw * debtPriceBase, debt.unitRaw)
  const isHalved =
    heldBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&
    owedBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&
    it.healthFactorWad > CLOSE_FACTOR_HF_THRESHOLD
  if (!isHalved) return owedRaw
  const halfBase = percentMul(it.totalDebtBase, DEFAULT_LIQUIDATION_CLOSE_FACTOR)
  return owedBase > halfBase ? raw((halfBase * debt.unitRaw) / debtPriceBase) : owedRaw
}

/** Mirrors `LiquidationLogic._calculateAvailableCollateralToLiquidate` (aave-v3-origin 3.3 to 3.7); `takenRaw` is with the fee. */
const availableCollateral = (it: LiquidationCase33, rounding: Rounding, coverRaw: Raw) => {
  const { bonusBps, collateral } = it
  const heldRaw = heldOf(it, rounding)
  const collateralWorth = it.collateralPriceBase * it.debt.unitRaw
  const debtWorth = it.debtPriceBase * collateral.unitRaw
  const wantedRaw = rounding.withBonus(raw((debtWorth * coverRaw) / collateralWorth), bonusBps)
  const isShort = wantedRaw > heldRaw
  const takenRaw = isShort ? heldRaw : wantedRaw
  const repayRaw = isShort
    ? rounding.withoutBonus(raw((collateralWorth * heldRaw) / debtWorth), bonusBps)
    : coverRaw
  const bonusRaw = raw(takenRaw - rounding.bonusBase(takenRaw, bonusBps))
  const feeRaw = collateral.feeBps === 0n ? raw(0n) : rounding.fee(bonusRaw, collateral.feeBps)
  return { heldRaw, takenRaw, repayRaw, feeRaw, seizeRaw: raw(takenRaw - feeRaw) }
}

/** Whether a call would leave so little of the debt or of the collateral that nobody cleans it up. */
const leavesDust = (
  it: LiquidationCase33,
  rounding: Rounding,
  { heldRaw, takenRaw, repayRaw }: ReturnType<typeof availableCollateral>,
): boolean => {
  const leftOwedRaw = owedOf(it, rounding) - repayRaw
  const leftHeldRaw = heldRaw - takenRaw
  if (leftOwedRaw <= 0n || leftHeldRaw <= 0n) return false
  const owedBase = rounding.worthOfDebt(leftOwedRaw * it.debtPriceBase, it.debt.unitRaw)
  const heldBase = (leftHeldRaw * it.collateralPriceBase) / it.collateral.unitRaw
  return owedBase < MIN_LEFTOVER_BASE || heldBase < MIN_LEFTOVER_BASE
}

/** Mirrors `LiquidationLogic.executeLiquidationCall` (aave-v3-origin 3.3 to 3.7): amounts and what is left, or the refusal. */
export const liquidationCall33 = (
  it: LiquidationCase33,
  rounding: Rounding,
  coverRaw: Raw,
  receiveAToken = false,
): LiquidationAmounts33 | LiquidationError33 => {
  const refusal = validate(it, rounding)
  if (refusal !== undefined) return refusal
  const available = availableCollateral(
    it,
    rounding,
    min(coverRaw, maxLiquidatableDebt33(it, rounding)),
  )
  if (leavesDust(it, rounding, available)) return 'MustNotLeaveDust'
  const { heldRaw, takenRaw, repayRaw, seizeRaw, feeRaw } = available
  const { collateral, debt, collateralPriceBase } = it
  const indexRay = collateral.liquidityIndexRay

  const seizedScaledRaw = rounding.scaledSupply(seizeRaw, indexRay)
  const feeScaledRaw = rounding.scaledSupply(feeRaw, indexRay)
  const lostScaledRaw = min(raw(seizedScaledRaw + feeScaledRaw), it.suppliedRaw)
  const lostRaw = rounding.countsScaledLoss
    ? rounding.suppliedOf(lostScaledRaw, indexRay)
    : takenRaw
  const leavesNoCollateral =
    (lostRaw * collateralPriceBase) / collateral.unitRaw === it.totalCollateralBase

  const burnedRaw = leavesNoCollateral ? owedOf(it, rounding) : repayRaw
  const burnedScaledRaw = rounding.scaledDebt(burnedRaw, debt.variableBorrowIndexRay)
  if (burnedScaledRaw === 0n) return 'InvalidBurnAmount'
  const isSame = collateral.id === debt.id
  const availableRaw = collateral.availableRaw + (isSame ? repayRaw : 0n)
  if (!receiveAToken && seizeRaw > availableRaw) return 'Panic17'
  if (!receiveAToken && seizedScaledRaw === 0n) return 'InvalidBurnAmount'
  if (seizedScaledRaw > it.suppliedRaw) return 'Panic17'

  const leftScaledRaw = raw(it.suppliedRaw - seizedScaledRaw)
  const isCapped = feeScaledRaw > leftScaledRaw
  const staysCollateral = rounding.countsScaledLoss
    ? lostScaledRaw !== it.suppliedRaw && !leavesNoCollateral
    : takenRaw !== heldRaw
  return {
    repayRaw,
    seizeRaw,
    feeRaw: isCapped ? rounding.suppliedOf(leftScaledRaw, indexRay) : feeRaw,
    feeScaledRaw: isCapped ? leftScaledRaw : feeScaledRaw,
    leavesNoCollateral,
    suppliedRaw: raw(isCapped ? 0n : leftScaledRaw - feeScaledRaw),
    owedRaw: raw(leavesNoCollateral ? 0n : it.owedRaw - burnedScaledRaw),
    staysCollateral,
  }
}

const ceil = (a: bigint, b: bigint): bigint => (a === 0n ? 0n : (a - 1n) / b + 1n)

/**
 * Returns the largest repayment that leaves enough of both the debt and the collateral to be no dust, in closed form; zero
 * or less where none does. Above it only what leaves nothing of one of them is legal.
 */
export const largestWithoutDust = (it: LiquidationCase33, rounding: Rounding): Raw => {
  const { collateral, debt, collateralPriceBase, debtPriceBase, bonusBps } = it
  const leastOwedRaw =
    rounding.worthOfDebt(1n, raw(2n)) === 1n
      ? ((MIN_LEFTOVER_BASE - 1n) * debt.unitRaw) / debtPriceBase + 1n
      : ceil(MIN_LEFTOVER_BASE * debt.unitRaw, debtPriceBase)
  const byDebtRaw = owedOf(it, rounding) - leastOwedRaw
  const mayTakeRaw =
    heldOf(it, rounding) - ceil(MIN_LEFTOVER_BASE * collateral.unitRaw, collateralPriceBase)
  // The largest amount whose bonus, rounded as the revision rounds it, takes no more than that.
  const roundsDown = rounding.withBonus(raw(1n), 19_999n) === 1n
  const beforeBonusRaw = ((mayTakeRaw + 1n) * 10_000n - (roundsDown ? 1n : 5_001n)) / bonusBps
  const byCollateralRaw =
    ((beforeBonusRaw + 1n) * collateralPriceBase * debt.unitRaw - 1n) /
    (debtPriceBase * collateral.unitRaw)
  const isEnough = mayTakeRaw >= 0n
  return min(
    maxLiquidatableDebt33(it, rounding),
    raw(isEnough && byCollateralRaw < byDebtRaw ? byCollateralRaw : isEnough ? byDebtRaw : 0n),
  )
}
