import type { Address, Token } from '../../core/types/chain.ts'
import type { AaveEmode, AaveReserve } from '../../core/types/market.ts'
import { type Base, type Raw, type Ray, raw, type Sec } from '../../core/units.ts'
import type { PriceView } from '../protocol.ts'
import { linearInterest, rayMul } from './ray-math.ts'

/** A reserve at the time and the price of a view, in the bigints that the rules are written in. */
export interface ReserveAt {
  readonly token: Token
  /** Its place in the pool's list, which is its bit in a category. */
  readonly id: number
  readonly category: number
  readonly active: boolean
  readonly paused: boolean
  readonly thresholdBps: bigint
  readonly bonusBps: bigint
  readonly feeBps: bigint
  /** Until then nobody is liquidated after a pause; zero before revision 4. */
  readonly graceUntilSec: number
  /** What the pool has of it to pay out; without end where that is not followed. */
  readonly availableRaw: bigint
  /** One whole token. */
  readonly unitRaw: Raw
  readonly liquidityIndexRay: Ray
  readonly variableBorrowIndexRay: Ray
  /** Undefined when no feed answers: the contract would revert. */
  readonly priceBase: Base | undefined
}

/** An e-mode category at the price of a view. */
export interface EmodeAt {
  readonly category: number
  readonly thresholdBps: bigint
  readonly bonusBps: bigint
  /** The reserves that its terms hold for as collateral, by their ids; empty before revision 5. */
  readonly collateralBitmap: bigint
  /** Undefined when the category has no price source of its own. */
  readonly priceBase: Base | undefined
  /** True when there is such a source and it does not answer: whatever touches the category reverts. */
  readonly silent: boolean
}

/** A whole market at a view; reserves by their slot. */
export interface MarketAt {
  readonly timestampSec: Sec
  readonly reserves: readonly (ReserveAt | undefined)[]
  /** Mirrors the mapping `_eModeCategories`: a category that is not there is all zeros. */
  readonly emodeOf: (category: number) => EmodeAt
}

/** Returns the growth of a borrow index at a rate over a time; revisions round it differently. */
export type CompoundedInterest = (rateRay: Ray, elapsedSec: bigint) => Ray

const ENDLESS = 2n ** 256n - 1n
const ZERO_ADDRESS = '0x0000000000000000000000000000000000000000'

const emptyEmode = (category: number): EmodeAt => ({
  category,
  thresholdBps: 0n,
  bonusBps: 0n,
  collateralBitmap: 0n,
  priceBase: undefined,
  silent: false,
})

/** Mirrors `ReserveLogic.getNormalizedIncome` and `getNormalizedDebt`; a time before the last update leaves the index. */
export const indexesAt = (
  reserve: AaveReserve,
  timestampSec: Sec,
  compounded: CompoundedInterest,
): Pick<AaveReserve, 'liquidityIndexRay' | 'variableBorrowIndexRay'> => {
  const { liquidityIndexRay, variableBorrowIndexRay } = reserve
  const elapsedSec = BigInt(Math.max(0, timestampSec - reserve.updatedSec))
  if (elapsedSec === 0n) return { liquidityIndexRay, variableBorrowIndexRay }
  const growth = linearInterest(reserve.liquidityRateRay, elapsedSec)
  const debtGrowth = compounded(reserve.variableBorrowRateRay, elapsedSec)
  return {
    liquidityIndexRay: rayMul(growth, liquidityIndexRay),
    variableBorrowIndexRay: rayMul(debtGrowth, variableBorrowIndexRay),
  }
}

const reserveAt = (
  reserve: AaveReserve,
  view: PriceView,
  compounded: CompoundedInterest,
): ReserveAt => ({
  token: reserve.token,
  id: reserve.id,
  category: reserve.emodeCategory,
  active: reserve.active,
  paused: reserve.paused,
  thresholdBps: BigInt(reserve.liquidationThresholdBps),
  bonusBps: BigInt(reserve.liquidationBonusBps),
  feeBps: BigInt(reserve.protocolFeeBps),
  graceUntilSec: reserve.graceUntilSec ?? 0,
  availableRaw: reserve.virtualUnderlyingRaw ?? ENDLESS,
  unitRaw: raw(10n ** BigInt(reserve.token.decimals)),
  ...indexesAt(reserve, view.timestampSec, compounded),
  priceBase: view.priceOf(reserve.aggregator.toLowerCase() as Address),
})

const emodeAt = (emode: AaveEmode, view: PriceView): EmodeAt => {
  const priced = emode.priceSource !== ZERO_ADDRESS
  const priceBase = priced ? view.priceOf(emode.priceSource.toLowerCase() as Address) : undefined
  return {
    category: emode.category,
    thresholdBps: BigInt(emode.liquidationThresholdBps),
    bonusBps: BigInt(emode.liquidationBonusBps),
    collateralBitmap: emode.collateralBitmap ?? 0n,
    priceBase,
    silent: priced && priceBase === undefined,
  }
}

/** Returns the market with its indexes carried to the view's time and its prices at the view's answers. */
export const marketAt = (
  reserves: readonly (AaveReserve | undefined)[],
  emodes: readonly AaveEmode[],
  view: PriceView,
  compounded: CompoundedInterest,
): MarketAt => {
  const modes = new Map(emodes.map((emode) => [emode.category, emodeAt(emode, view)]))
  return {
    timestampSec: view.timestampSec,
    reserves: reserves.map((reserve) => reserve && reserveAt(reserve, view, compounded)),
    emodeOf: (category) => modes.get(category) ?? emptyEmode(category),
  }
}
