import { min } from '../../core/math.ts'
import { type Base, type Raw, raw, WAD, type Wad } from '../../core/units.ts'
import { priceFor } from './health.ts'
import type { Holding } from './holding.ts'
import type { EmodeAt, ReserveAt } from './market-at.ts'
import { percentDiv, percentMul, rayDiv, rayMul } from './ray-math.ts'

const HEALTH_FACTOR_LIQUIDATION_THRESHOLD = WAD
const CLOSE_FACTOR_HF_THRESHOLD = 95n * 10n ** 16n
const DEFAULT_LIQUIDATION_CLOSE_FACTOR = 5_000n
const MAX_LIQUIDATION_CLOSE_FACTOR = 10_000n

/** Why the contract refuses a call, spelled as `Errors` of core-v3 1.19.3 spells it, in the order of its checks. */
export type LiquidationError =
  | 'RESERVE_INACTIVE'
  | 'RESERVE_PAUSED'
  | 'HEALTH_FACTOR_NOT_BELOW_THRESHOLD'
  | 'COLLATERAL_CANNOT_BE_LIQUIDATED'
  | 'SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER'
  | 'INVALID_BURN_AMOUNT'

/** All that a call on one account, one collateral and one debt depends on, but for its size. */
export interface LiquidationCase {
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
}

/** What a call repays, sends to the caller and sends to the treasury. */
export interface LiquidationAmounts {
  readonly repayRaw: Raw
  readonly seizeRaw: Raw
  readonly feeRaw: Raw
}

/** Mirrors `LiquidationLogic._getConfigurationData` (core-v3 1.19.3): in e-mode the debt is priced by the category's source even outside it. */
export const liquidationCase = (
  collateral: ReserveAt,
  debt: ReserveAt,
  collateralHolding: Holding,
  debtHolding: Holding,
  emode: EmodeAt,
  healthFactorWad: Wad,
): LiquidationCase | undefined => {
  const inCategory = emode.category !== 0 && emode.category === collateral.category
  const collateralPriceBase = priceFor(collateral, emode)
  const debtPriceBase = emode.priceBase ?? debt.priceBase
  if (collateralPriceBase === undefined || debtPriceBase === undefined) return undefined
  return {
    collateral,
    debt,
    suppliedRaw: collateralHolding.suppliedRaw,
    owedRaw: debtHolding.owedRaw,
    enabled: collateralHolding.collateral,
    healthFactorWad,
    bonusBps: inCategory ? emode.bonusBps : collateral.bonusBps,
    collateralPriceBase,
    debtPriceBase,
  }
}

/** Mirrors `ValidationLogic.validateLiquidationCall` (core-v3 1.19.3) in its order, without a sentinel. */
const validateLiquidationCall = (it: LiquidationCase): LiquidationError | undefined => {
  if (!it.collateral.active || !it.debt.active) return 'RESERVE_INACTIVE'
  if (it.collateral.paused || it.debt.paused) return 'RESERVE_PAUSED'
  if (it.healthFactorWad >= HEALTH_FACTOR_LIQUIDATION_THRESHOLD) {
    return 'HEALTH_FACTOR_NOT_BELOW_THRESHOLD'
  }
  if (it.collateral.thresholdBps === 0n || !it.enabled) {
    return 'COLLATERAL_CANNOT_BE_LIQUIDATED'
  }
  if (it.owedRaw === 0n) return 'SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER'
  return undefined
}

/** Mirrors `LiquidationLogic._calculateDebt` (core-v3 1.19.3): the most of this reserve's debt that one call may repay. */
export const maxLiquidatableDebt = (it: LiquidationCase): Raw =>
  percentMul(
    rayMul(it.owedRaw, it.debt.variableBorrowIndexRay),
    it.healthFactorWad > CLOSE_FACTOR_HF_THRESHOLD
      ? DEFAULT_LIQUIDATION_CLOSE_FACTOR
      : MAX_LIQUIDATION_CLOSE_FACTOR,
  )

/** Mirrors `LiquidationLogic._calculateAvailableCollateralToLiquidate` (core-v3 1.19.3). */
const availableCollateral = (it: LiquidationCase, coverRaw: Raw): LiquidationAmounts => {
  const { bonusBps } = it
  const heldRaw = rayMul(it.suppliedRaw, it.collateral.liquidityIndexRay)
  const collateralWorth = it.collateralPriceBase * it.debt.unitRaw
  const debtWorth = it.debtPriceBase * it.collateral.unitRaw
  const wantedRaw = percentMul(raw((debtWorth * coverRaw) / collateralWorth), bonusBps)
  const short = wantedRaw > heldRaw
  const takenRaw = short ? heldRaw : wantedRaw
  const repayRaw = short
    ? percentDiv(raw((collateralWorth * heldRaw) / debtWorth), bonusBps)
    : coverRaw
  const feeRaw = percentMul(raw(takenRaw - percentDiv(takenRaw, bonusBps)), it.collateral.feeBps)
  return { repayRaw, seizeRaw: raw(takenRaw - feeRaw), feeRaw }
}

/** Mirrors the cap of the treasury's share in `executeLiquidationCall`, where a rounding leaves a unit too little. */
const cappedFee = (it: LiquidationCase, { seizeRaw, feeRaw }: LiquidationAmounts): Raw => {
  const indexRay = it.collateral.liquidityIndexRay
  const leftRaw = raw(it.suppliedRaw - rayDiv(seizeRaw, indexRay))
  return rayDiv(feeRaw, indexRay) > leftRaw ? rayMul(leftRaw, indexRay) : feeRaw
}

/** Mirrors `LiquidationLogic.executeLiquidationCall` (core-v3 1.19.3) with `receiveAToken` false: amounts, or the refusal. */
export const liquidationCall = (
  it: LiquidationCase,
  coverRaw: Raw,
): LiquidationAmounts | LiquidationError => {
  const refusal = validateLiquidationCall(it)
  if (refusal !== undefined) return refusal
  if (it.bonusBps === 0n) return 'INVALID_BURN_AMOUNT'
  const amounts = availableCollateral(it, min(coverRaw, maxLiquidatableDebt(it)))
  const burnsDebt = rayDiv(amounts.repayRaw, it.debt.variableBorrowIndexRay) !== 0n
  const burnsCollateral = rayDiv(amounts.seizeRaw, it.collateral.liquidityIndexRay) !== 0n
  if (!burnsDebt || !burnsCollateral) return 'INVALID_BURN_AMOUNT'
  return { ...amounts, feeRaw: cappedFee(it, amounts) }
}
