import { readFileSync } from 'node:fs'
import type { Address } from '../../core/types/chain.ts'
import type { AaveEmode, AaveReserve } from '../../core/types/market.ts'
import { base, bps, raw, ray, sec, WAD } from '../../core/units.ts'
import { accountData33, isInCategory } from '../../protocols/aave-v3/account-data-33.ts'
import type { Holding } from '../../protocols/aave-v3/holding.ts'
import {
  type LiquidationCase33,
  liquidationCall33,
} from '../../protocols/aave-v3/liquidation-33.ts'
import { type MarketAt, marketAt } from '../../protocols/aave-v3/market-at.ts'
import { type Rounding, roundings } from '../../protocols/aave-v3/rounding.ts'
import { createScreenColumns } from '../../protocols/aave-v3/screen-columns.ts'
import { screenWeights } from '../../protocols/aave-v3/screen-weights.ts'
import { addressOf, aReserve } from './an-aave-book.ts'

/** The revisions of which there are vectors. */
export const revisions = [7, 8, 9, 10, 11] as const

interface VectorReserve {
  readonly id: number
  readonly decimals: number
  readonly lt: number
  readonly bonus: number
  readonly fee: number
  readonly active: boolean
  readonly paused: boolean
  readonly graceUntil: number
  readonly price: string
  readonly liquidityIndex: string
  readonly variableBorrowIndex: string
  readonly liquidityRate: string
  readonly variableBorrowRate: string
  readonly last: string
  readonly collateralFlag: boolean
  readonly scaledA: string
  readonly scaledV: string
  readonly virtualUnderlying: string
}

interface VectorState {
  readonly userEMode: number
  readonly eModeCategories: readonly {
    readonly id: number
    readonly lt: number
    readonly bonus: number
    readonly coll: string
  }[]
  readonly reserves: readonly VectorReserve[]
  /** Whether the sentinel lets liquidations pass; absent where there is none. */
  readonly sentinelAllowed?: boolean | null
}

export interface AccountVector {
  readonly n: number
  readonly t: string
  readonly state: VectorState
  readonly expect: Readonly<Record<string, string>>
}

export interface IndexVector {
  readonly n: number
  readonly last: string
  readonly t: string
  readonly liquidityRate: string
  readonly liquidityIndex: string
  readonly variableBorrowRate: string
  readonly variableBorrowIndex: string
  readonly expect: { readonly normalizedIncome: string; readonly normalizedDebt: string }
}

export interface LiquidationVector {
  readonly n: number
  readonly t: string
  readonly tag?: string
  readonly collateral: number
  readonly debt: number
  readonly debtToCover: string
  readonly receiveAToken: boolean
  readonly liquidatorIsBorrower: boolean
  readonly state: VectorState
  readonly expect: {
    readonly revert?: string
    readonly revertName?: string
    readonly debtRepaid?: string
    readonly collateralToLiquidator?: string
    readonly protocolFee?: string
    readonly protocolFeeScaled?: string
    readonly deficits?: readonly { readonly id: number; readonly amount: string }[]
    readonly after?: readonly {
      readonly id: number
      readonly scaledA: string
      readonly scaledV: string
      readonly collateralFlag: boolean
    }[]
  }
}

export interface EventVector {
  readonly n: number
  readonly op: string
  readonly token: 'aToken' | 'variableDebt'
  readonly scaledBefore: string
  readonly scaledAfter: string
  readonly events: readonly {
    readonly event: 'Mint' | 'Burn' | 'BalanceTransfer'
    readonly value: string
    readonly balanceIncrease?: string
    readonly index: string
    readonly direction?: '-1' | '0' | '1'
  }[]
}

/** A boundary subset of the shared vectors, by revision and kind. */
export interface GoldenRevision {
  readonly account: readonly AccountVector[]
  readonly index: readonly IndexVector[]
  readonly liquidation: readonly LiquidationVector[]
  readonly events: readonly EventVector[]
}

export const goldenRevision = (revision: number): URL =>
  new URL(`../golden/aave-r${revision}.json`, import.meta.url)

export const readGoldenRevision = (revision: number): GoldenRevision =>
  JSON.parse(readFileSync(goldenRevision(revision), 'utf8')) as GoldenRevision

export const roundingOf = (revision: number): Rounding => roundings.get(revision)!

const reserveOf = (it: VectorReserve): AaveReserve =>
  aReserve(it.id, {
    token: { address: addressOf(0x70, it.id), symbol: `T${it.id}`, decimals: it.decimals },
    liquidationThresholdBps: bps(it.lt),
    liquidationBonusBps: bps(it.bonus),
    protocolFeeBps: bps(it.fee),
    active: it.active,
    paused: it.paused,
    graceUntilSec: sec(it.graceUntil),
    virtualUnderlyingRaw: raw(BigInt(it.virtualUnderlying)),
    liquidityIndexRay: ray(BigInt(it.liquidityIndex)),
    variableBorrowIndexRay: ray(BigInt(it.variableBorrowIndex)),
    liquidityRateRay: ray(BigInt(it.liquidityRate)),
    variableBorrowRateRay: ray(BigInt(it.variableBorrowRate)),
    updatedSec: sec(Number(it.last)),
  })

const emodeOf = ({ id, lt, bonus, coll }: VectorState['eModeCategories'][number]): AaveEmode => ({
  category: id,
  liquidationThresholdBps: bps(lt),
  liquidationBonusBps: bps(bonus),
  priceSource: '0x0000000000000000000000000000000000000000',
  collateralBitmap: BigInt(coll),
})

const marketOf = (
  { reserves, eModeCategories }: VectorState,
  t: number,
  rounding: Rounding,
): MarketAt => {
  const prices = new Map<Address, string>(
    reserves.map(({ id, price }) => [addressOf(0xfeed, id), price]),
  )
  return marketAt(
    reserves.map(reserveOf),
    eModeCategories.map(emodeOf),
    { timestampSec: sec(t), priceOf: (aggregator) => base(BigInt(prices.get(aggregator)!)) },
    rounding.compounded,
  )
}

const holdingsOf = ({ reserves }: VectorState): readonly Holding[] =>
  reserves.map(({ scaledA, scaledV, collateralFlag }, slot) => ({
    slot,
    suppliedRaw: raw(BigInt(scaledA)),
    owedRaw: raw(BigInt(scaledV)),
    collateral: collateralFlag,
  }))

/** What our rules say of an account, under the vectors' names. */
export const ourAccount = (
  { state, t }: Pick<AccountVector, 'state' | 't'>,
  rounding: Rounding,
): Readonly<Record<string, string>> => {
  const market = marketOf(state, Number(t), rounding)
  const data = accountData33(rounding, holdingsOf(state), market, state.userEMode)!
  return {
    totalCollateralBase: String(data.collateralBase),
    totalDebtBase: String(data.debtBase),
    avgLiquidationThreshold: String(data.averageThresholdBps),
    healthFactor: String(data.healthFactorWad),
  }
}

/** What our rules make of an index, under the vectors' names. */
export const ourIndexes = (it: IndexVector, rounding: Rounding): IndexVector['expect'] => {
  const reserve = aReserve(0, {
    liquidityIndexRay: ray(BigInt(it.liquidityIndex)),
    variableBorrowIndexRay: ray(BigInt(it.variableBorrowIndex)),
    liquidityRateRay: ray(BigInt(it.liquidityRate)),
    variableBorrowRateRay: ray(BigInt(it.variableBorrowRate)),
    updatedSec: sec(Number(it.last)),
  })
  const view = { timestampSec: sec(Number(it.t)), priceOf: () => base(0n) }
  const [at] = marketAt([reserve], [], view, rounding.compounded).reserves
  return {
    normalizedIncome: String(at!.liquidityIndexRay),
    normalizedDebt: String(at!.variableBorrowIndexRay),
  }
}

/** Whether the float screen finds an account of a vector, and whether the exact rules call it liquidatable. */
export const screenedAndJudged = (
  { state, t }: Pick<AccountVector, 'state' | 't'>,
  rounding: Rounding,
): readonly [screened: boolean, judged: boolean] => {
  const market = marketOf(state, Number(t), rounding)
  const holdings = holdingsOf(state)
  const columns = createScreenColumns()
  columns.write(0, 0, holdings)
  const screened = columns.scan(screenWeights(market, [state.userEMode])).length > 0
  const data = accountData33(rounding, holdings, market, state.userEMode)!
  return [screened, data.healthFactorWad < WAD]
}

/** The case that a call puts to our rules. */
export const caseOf = (it: LiquidationVector, rounding: Rounding): LiquidationCase33 => {
  const { state, t } = it
  const market = marketOf(state, Number(t), rounding)
  const holdings = holdingsOf(state)
  const data = accountData33(rounding, holdings, market, state.userEMode)!
  const slotOf = (id: number): number => state.reserves.findIndex((reserve) => reserve.id === id)
  const [held, owed] = [holdings[slotOf(it.collateral)]!, holdings[slotOf(it.debt)]!]
  const collateral = market.reserves[held.slot]!
  const debt = market.reserves[owed.slot]!
  const emode = market.emodeOf(state.userEMode)
  return {
    collateral,
    debt,
    suppliedRaw: held.suppliedRaw,
    owedRaw: owed.owedRaw,
    enabled: held.collateral,
    healthFactorWad: data.healthFactorWad,
    bonusBps: isInCategory(collateral, emode) ? emode.bonusBps : collateral.bonusBps,
    collateralPriceBase: collateral.priceBase!,
    debtPriceBase: debt.priceBase!,
    totalCollateralBase: data.collateralBase,
    totalDebtBase: data.debtBase,
    timestampSec: sec(Number(t)),
  }
}

const camel = (name: string): string =>
  name
    .toLowerCase()
    .split('_')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')

/** What the contract said of a call, as our rules would: its refusals by the names of revision 8 on. */
export const expectedOf = ({ expect, collateral, debt }: LiquidationVector): unknown => {
  const { revert, revertName, after } = expect
  if (revert !== undefined)
    return revertName === undefined || !/^[A-Z_]+$/.test(revertName)
      ? (revertName ?? revert)
      : camel(revertName)
  const of = (id: number) => after!.find((reserve) => reserve.id === id)!
  return {
    repaid: expect.debtRepaid,
    seized: expect.collateralToLiquidator,
    fee: expect.protocolFee,
    feeScaled: expect.protocolFeeScaled,
    deficit: expect.deficits!.find(({ id }) => id === debt)?.amount ?? '0',
    supplied: of(collateral).scaledA,
    owed: of(debt).scaledV,
    isCollateral: of(collateral).collateralFlag,
  }
}

/** What our rules say of a call, to be equal to what the contract said. */
export const ourLiquidation = (it: LiquidationVector, rounding: Rounding): unknown => {
  const case33 = caseOf(it, rounding)
  const result = liquidationCall33(case33, rounding, raw(BigInt(it.debtToCover)), it.receiveAToken)
  if (typeof result === 'string') return result
  const owedRaw = rounding.owedOf(case33.owedRaw, case33.debt.variableBorrowIndexRay)
  return {
    repaid: String(result.repayRaw),
    seized: String(result.seizeRaw),
    fee: String(result.feeRaw),
    feeScaled: String(result.feeScaledRaw),
    deficit: String(result.leavesNoCollateral ? owedRaw - result.repayRaw : 0n),
    supplied: String(result.suppliedRaw),
    owed: String(result.owedRaw),
    isCollateral: result.staysCollateral,
  }
}

/** Our rules say nothing of calls by the borrower itself and of those that a sentinel stops: we make none of them. */
export const isOurs = ({ liquidatorIsBorrower, state }: LiquidationVector): boolean =>
  !liquidatorIsBorrower && state.sentinelAllowed !== false
