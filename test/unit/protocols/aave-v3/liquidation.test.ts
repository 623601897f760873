import { describe, expect, test } from 'vitest'
import { base, RAY, raw, ray, sec, wad } from '../../../../core/units.ts'
import {
  type LiquidationCase,
  liquidationCall,
  liquidationCase,
  maxLiquidatableDebt,
} from '../../../../protocols/aave-v3/liquidation.ts'
import {
  type LiquidationCase33,
  liquidationCall33,
} from '../../../../protocols/aave-v3/liquidation-33.ts'
import type { EmodeAt, ReserveAt } from '../../../../protocols/aave-v3/market-at.ts'
import { roundings } from '../../../../protocols/aave-v3/rounding.ts'

const usd = (dollars: number) => base(BigInt(Math.round(dollars * 1e8)))
const below = wad(999_999_999_999_999_999n)

const aReserveAt = (fields: Partial<ReserveAt> = {}): ReserveAt => ({
  token: { address: '0x00', symbol: 'T', decimals: 6 },
  id: 0,
  category: 0,
  active: true,
  paused: false,
  thresholdBps: 8_000n,
  bonusBps: 10_500n,
  feeBps: 1_000n,
  graceUntilSec: 0,
  availableRaw: 2n ** 128n,
  unitRaw: raw(10n ** 6n),
  liquidityIndexRay: RAY,
  variableBorrowIndexRay: RAY,
  priceBase: usd(1),
  ...fields,
})

const noEmode: EmodeAt = {
  category: 0,
  thresholdBps: 0n,
  bonusBps: 0n,
  collateralBitmap: 0n,
  priceBase: undefined,
  silent: false,
}

const aCase = (fields: Partial<LiquidationCase> = {}): LiquidationCase => ({
  collateral: aReserveAt(),
  debt: aReserveAt(),
  suppliedRaw: raw(1_000_000n),
  owedRaw: raw(800_000n),
  enabled: true,
  healthFactorWad: below,
  bonusBps: 10_500n,
  collateralPriceBase: usd(1),
  debtPriceBase: usd(1),
  ...fields,
})

describe('liquidationCall', () => {
  test('default: repays what is asked, pays the bonus and takes the fee out of the bonus', () => {
    expect(liquidationCall(aCase(), raw(100_000n))).toEqual({
      repayRaw: 100_000n,
      seizeRaw: 104_500n,
      feeRaw: 500n,
    })
  })

  test('behavior: half at 0.95 and above by a hair, all at exactly 0.95', () => {
    const at = (healthFactorWad: bigint) =>
      maxLiquidatableDebt(aCase({ healthFactorWad: wad(healthFactorWad) }))
    expect(at(95n * 10n ** 16n + 1n)).toBe(400_000n)
    expect(at(95n * 10n ** 16n)).toBe(800_000n)
    expect(maxLiquidatableDebt(aCase({ owedRaw: raw(3n) }))).toBe(2n)
  })

  test('behavior: where the collateral is short less is repaid than was asked', () => {
    const short = aCase({ suppliedRaw: raw(100_000n), healthFactorWad: wad(1n) })
    expect(liquidationCall(short, raw(800_000n))).toEqual({
      repayRaw: 95_238n,
      seizeRaw: 99_524n,
      feeRaw: 476n,
    })
  })

  test.each([
    ['RESERVE_INACTIVE', { collateral: aReserveAt({ active: false, paused: true }) }],
    ['RESERVE_INACTIVE', { debt: aReserveAt({ active: false }) }],
    ['RESERVE_PAUSED', { debt: aReserveAt({ paused: true }), healthFactorWad: wad(2n ** 255n) }],
    ['HEALTH_FACTOR_NOT_BELOW_THRESHOLD', { healthFactorWad: wad(10n ** 18n), enabled: false }],
    ['COLLATERAL_CANNOT_BE_LIQUIDATED', { enabled: false, owedRaw: raw(0n) }],
    ['COLLATERAL_CANNOT_BE_LIQUIDATED', { collateral: aReserveAt({ thresholdBps: 0n }) }],
    ['SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER', { owedRaw: raw(0n) }],
    ['INVALID_BURN_AMOUNT', { suppliedRaw: raw(0n) }],
    ['INVALID_BURN_AMOUNT', { bonusBps: 0n }],
    // Worth less than the smallest unit of the collateral: nothing would be burned.
    ['INVALID_BURN_AMOUNT', { collateralPriceBase: usd(1e7) }],
  ] as const)('behavior: refuses with %s, in the order of the contract', (error, fields) => {
    expect(liquidationCall(aCase(fields), raw(100_000n))).toBe(error)
  })
})

describe('the treasury', () => {
  test('gets no more than is left when half units were rounded up twice', () => {
    const collateral = aReserveAt({ feeBps: 5_000n, liquidityIndexRay: ray(2n * RAY) })
    const it = aCase({ collateral, suppliedRaw: raw(5n), bonusBps: 12_000n, owedRaw: raw(100n) })
    // Nine of ten leave the account as five of five scaled units: the tenth is not there any more.
    expect(liquidationCall(it, raw(100n))).toEqual({ repayRaw: 8n, seizeRaw: 9n, feeRaw: 0n })
  })
})

describe('from 3.3 on', () => {
  const illiquid = (debtId: number): LiquidationCase33 => ({
    ...aCase({ collateral: aReserveAt({ availableRaw: 10n }), debt: aReserveAt({ id: debtId }) }),
    totalCollateralBase: usd(1),
    totalDebtBase: usd(0.8),
    timestampSec: sec(1_700_000_000),
  })
  const call = (debtId: number) =>
    liquidationCall33(illiquid(debtId), roundings.get(7)!, raw(800_000n))

  test('what is repaid of an asset can be paid out of it, and more than there is cannot', () => {
    expect(call(1)).toBe('Panic17')
    const noBonus = { ...illiquid(0), bonusBps: 10_000n }
    expect(liquidationCall33(noBonus, roundings.get(7)!, raw(800_000n))).toMatchObject({
      repayRaw: 800_000n,
      seizeRaw: 800_000n,
    })
    expect(call(0)).toBe('Panic17')
  })
})

describe('liquidationCase', () => {
  const emode: EmodeAt = {
    category: 1,
    thresholdBps: 9_300n,
    bonusBps: 10_100n,
    collateralBitmap: 0n,
    priceBase: usd(5),
    silent: false,
  }
  const holding = { slot: 0, suppliedRaw: raw(1n), owedRaw: raw(1n), collateral: true }
  const caseOf = (collateralCategory: number, mode: EmodeAt, debt = aReserveAt()) =>
    liquidationCase(
      aReserveAt({ category: collateralCategory, priceBase: usd(2) }),
      debt,
      holding,
      holding,
      mode,
      below,
    )

  test("default: the category's bonus and price for its own collateral", () => {
    expect(caseOf(1, emode)).toMatchObject({
      bonusBps: 10_100n,
      collateralPriceBase: usd(5),
      debtPriceBase: usd(5),
    })
  })

  test("behavior: the debt is at the category's price even where the collateral is not", () => {
    expect(caseOf(2, emode)).toMatchObject({
      bonusBps: 10_500n,
      collateralPriceBase: usd(2),
      debtPriceBase: usd(5),
    })
  })

  test('behavior: no category, no category price', () => {
    expect(caseOf(0, noEmode)).toMatchObject({
      bonusBps: 10_500n,
      collateralPriceBase: usd(2),
      debtPriceBase: usd(1),
    })
  })

  test('behavior: undefined without a price', () => {
    expect(caseOf(0, noEmode, aReserveAt({ priceBase: undefined }))).toBeUndefined()
  })
})
