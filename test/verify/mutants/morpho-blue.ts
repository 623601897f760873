import type { Mutant } from './mutant.ts'

const rules = 'protocols/morpho-blue'

/** Single rules of Morpho Blue got wrong, as one would get them wrong; the tests must notice each. */
export const mutants: readonly Mutant[] = [
  {
    file: `${rules}/exponential.ts`,
    find: 'const q = (xWad + halfWad) / LN_2_WAD',
    replace: 'const q = xWad / LN_2_WAD',
    why: 'the exponent is reduced to the nearest power of two, not to the next one toward zero',
  },
  {
    file: `${rules}/exponential.ts`,
    find: '(rWad * rWad) / WAD / 2n',
    replace: '(rWad * rWad) / (WAD / 2n)',
    why: 'the second term of the series is a half of the square',
  },
  {
    file: `${rules}/exponential.ts`,
    find: 'if (xWad >= UPPER_BOUND_WAD)',
    replace: 'if (xWad > UPPER_BOUND_WAD + WAD)',
    why: 'the exponential is clipped from its upper bound on',
  },
  {
    file: `${rules}/adaptive-curve-irm.ts`,
    find: 'wMulDown(ADJUSTMENT_SPEED_WAD, errWad) * elapsedSec',
    replace: '(50n * errWad * elapsedSec) / SECONDS_PER_YEAR',
    why: 'the speed per second is rounded before it is multiplied by the time',
  },
  {
    file: `${rules}/adaptive-curve-irm.ts`,
    find: 'utilizationWad > TARGET_UTILIZATION_WAD ? WAD - TARGET_UTILIZATION_WAD : TARGET_UTILIZATION_WAD',
    replace: 'TARGET_UTILIZATION_WAD',
    why: 'the error is a part of the span on its own side of the target',
  },
  {
    file: `${rules}/adaptive-curve-irm.ts`,
    find: 'wad((startWad + endWad + 2n * middleWad) / 4n)',
    replace: 'wad((startWad + endWad) / 2n)',
    why: 'the average takes the rate in the middle of the time twice',
  },
  {
    file: `${rules}/adaptive-curve-irm.ts`,
    find: 'supply.assetsRaw > 0n ? wDivDown(borrow.assetsRaw, supply.assetsRaw) : 0n',
    replace: 'supply.assetsRaw > 0n ? min(wDivDown(borrow.assetsRaw, supply.assetsRaw), WAD) : 0n',
    why: 'utilisation above one is not capped',
  },
  {
    file: `${rules}/adaptive-curve-irm.ts`,
    find: 'MIN_RATE_AT_TARGET_WAD), MAX_RATE_AT_TARGET_WAD)',
    replace: 'MIN_RATE_AT_TARGET_WAD), wad(4n * MAX_RATE_AT_TARGET_WAD))',
    why: 'the rate at target is clamped at 200 % a year',
  },
  {
    file: `${rules}/wad-math.ts`,
    find: 'return (first + second + third) as Wad',
    replace: 'return (first + second) as Wad',
    why: 'interest is compounded by three terms',
  },
  {
    file: `${rules}/accrue.ts`,
    find: '{ ...supply, assetsRaw: sub(suppliedRaw, feeRaw) }',
    replace: '{ ...supply, assetsRaw: suppliedRaw }',
    why: "the fee's shares are priced without the fee in the supply",
  },
  {
    file: `${rules}/accrue.ts`,
    find: 'borrowRate(supply, borrow, rateAtTargetWad, elapsedSec)',
    replace: 'borrowRate(supply, borrow, rateAtTargetWad, 1n)',
    why: 'the rate adapts over all of the time since the last update',
  },
  {
    file: `${rules}/shares-math.ts`,
    find: 'const VIRTUAL_SHARES = 1_000_000n',
    replace: 'const VIRTUAL_SHARES = 1n',
    why: 'there are a million virtual shares',
  },
  {
    file: `${rules}/shares-math.ts`,
    find: 'mulDivUp(sharesRaw, totals.assetsRaw + VIRTUAL_ASSETS, totals.sharesRaw + VIRTUAL_SHARES)',
    replace:
      'mulDivDown(sharesRaw, totals.assetsRaw + VIRTUAL_ASSETS, totals.sharesRaw + VIRTUAL_SHARES)',
    why: 'what is owed is rounded up',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'if (health.maxBorrowRaw >= health.borrowedRaw) return',
    replace: 'if (health.maxBorrowRaw > health.borrowedRaw) return',
    why: 'who owes exactly the most is healthy',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'const LIQUIDATION_CURSOR_WAD = (3n * WAD) / 10n',
    replace: 'const LIQUIDATION_CURSOR_WAD = (4n * WAD) / 10n',
    why: 'the cursor of the incentive is 0.3',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD = wad((115n * WAD) / 100n)',
    replace: 'MAX_LIQUIDATION_INCENTIVE_FACTOR_WAD = wad((130n * WAD) / 100n)',
    why: 'the incentive is capped at 15 %',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'const quotedRaw = mulDivUp(seizeRaw, priceRaw, ORACLE_PRICE_SCALE)',
    replace: 'const quotedRaw = mulDivDown(seizeRaw, priceRaw, ORACLE_PRICE_SCALE)',
    why: 'what is seized is valued rounded up, against the liquidator',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'toSharesUp(wDivUp(quotedRaw, factorWad), borrow)',
    replace: 'toSharesUp(wDivDown(quotedRaw, factorWad) as unknown as Raw, borrow)',
    why: 'what is repaid for a seizure is rounded up',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'wMulDown(toAssetsDown(repaySharesRaw, borrow), factorWad)',
    replace: 'wMulDown(toAssetsUp(repaySharesRaw, borrow), factorWad)',
    why: 'what is seized for a repayment is rounded down from the first step on',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: "if (repaySharesRaw > holding.borrowSharesRaw) return 'Panic17'\n  if (!fitsUint128(seizeRaw))",
    replace: 'if (!fitsUint128(seizeRaw))',
    why: 'asking for more than is owed reverts, it is not capped',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: "if (seizeRaw > holding.collateralRaw) return 'Panic17'",
    replace: '',
    why: 'asking for more than is deposited reverts, it is not capped',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'if (collateralRaw !== 0n) return it',
    replace: 'if (collateralRaw > 1n) return it',
    why: 'one unit of collateral that is left keeps the bad debt where it is',
  },
  {
    file: `${rules}/liquidate.ts`,
    find: 'min(it.borrow.assetsRaw, toAssetsUp(badDebtSharesRaw, it.borrow))',
    replace: 'min(it.borrow.assetsRaw, toAssetsDown(badDebtSharesRaw, it.borrow))',
    why: 'bad debt is rounded up',
  },
  {
    file: `${rules}/state-after.ts`,
    find: 'supply: { ...supply, assetsRaw: sub(supply.assetsRaw, badDebtRaw) }',
    replace: 'supply',
    why: 'bad debt is taken from the lenders',
  },
  {
    file: `${rules}/state-after.ts`,
    find: 'assetsRaw: zeroFloorSub(totals.assetsRaw, assetsRaw)',
    replace: 'assetsRaw: sub(totals.assetsRaw, assetsRaw)',
    why: 'a repayment may be one more than all that is owed',
  },
  {
    file: `${rules}/pre-liquidate.ts`,
    find: "borrowedRaw <= wMulDown(quotedRaw, terms.preLltvWad)) return 'NotPre",
    replace: "borrowedRaw < wMulDown(quotedRaw, terms.preLltvWad)) return 'NotPre",
    why: 'the window opens above the lower threshold, not at it',
  },
  {
    file: `${rules}/pre-liquidate.ts`,
    find: "if (borrowedRaw > wMulDown(quotedRaw, lltvWad)) return 'Liq",
    replace: "if (borrowedRaw >= wMulDown(quotedRaw, lltvWad)) return 'Liq",
    why: "the window closes above the market's threshold, not at it",
  },
  {
    file: `${rules}/pre-liquidate.ts`,
    find: 'const ltvWad: bigint = wDivUp(borrowedRaw, quotedRaw)',
    replace: 'const ltvWad: bigint = wDivDown(borrowedRaw, quotedRaw)',
    why: 'the loan to value that the factors go by is rounded up',
  },
  {
    file: `${rules}/pre-liquidate.ts`,
    find: 'if (repaySharesRaw > offer.repayableSharesRaw)',
    replace: 'if (repaySharesRaw > offer.repayableSharesRaw + 1n)',
    why: 'not one share more than the close factor may be repaid',
  },
  {
    file: `${rules}/pre-liquidate.ts`,
    find: 'refusalAfter(holding, borrow, it) ?? {',
    replace: '(undefined as PreLiquidateError | undefined) ?? {',
    why: "the market's own oracle must call the position healthy afterwards",
  },
  {
    file: `${rules}/oracle-price.ts`,
    find: "if (answerRaw < 0n) return 'negative answer'",
    replace: "if (answerRaw <= 0n) return 'negative answer'",
    why: 'zero is an answer: then everyone may be liquidated',
  },
  {
    file: `${rules}/oracle-price.ts`,
    find: "if (!fitsUint256(factorRaw)) return 'Panic17'",
    replace: '',
    why: 'the products of feeds must fit into 256 bits',
  },
  {
    file: `${rules}/scale-factor.ts`,
    find: 'return mulDivDown(powerRaw, quote.sampleRaw, base.sampleRaw)',
    replace: 'return mulDivDown(powerRaw, base.sampleRaw, quote.sampleRaw)',
    why: 'the scale is divided by the sample of the collateral, multiplied by that of the loan',
  },
  {
    file: `${rules}/screen-weights.ts`,
    find: 'slack: 3 * (1 + FLOAT_ERROR)',
    replace: 'slack: 0',
    why: 'the contract rounds twice down on one side and up on the other',
  },
  {
    file: `${rules}/health.ts`,
    find: 'wMulDown(collateralValueRaw, lltvWad)',
    replace:
      'mulDivDown(collateralRaw, priceRaw * lltvWad, ORACLE_PRICE_SCALE * 10n ** 18n) as Raw',
    why: 'the value of the collateral is rounded before the threshold is applied',
  },
  {
    file: `${rules}/pairs.ts`,
    find: 'limitSharesRaw: min(offer.repayableSharesRaw, holding.borrowSharesRaw)',
    replace: 'limitSharesRaw: offer.repayableSharesRaw',
    why: 'a close factor above one does not let anyone repay more than is owed',
  },
]
