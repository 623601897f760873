import type { Mutant } from './mutant.ts'

const rules = 'protocols/aave-v3'

/** Single rules of Aave V3.3 to V3.7 got wrong, as one would get them wrong; the tests must notice each. */
export const mutants: readonly Mutant[] = [
  {
    file: `${rules}/rounding.ts`,
    find: '(x / 2n + rayMul(x, (x / 6n) as Ray)) as Ray',
    replace: '(x / 2n + rayMul(x, x) / 6n) as Ray',
    why: 'the third term is divided before it is multiplied',
  },
  {
    file: `${rules}/rounding.ts`,
    find: "version: '3.4', compounded: exponentialInterest",
    replace: "version: '3.4'",
    why: 'from 3.4 on interest compounds by the exponential',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  suppliedOf: rayMulBy(floor),\n',
    replace: '',
    why: 'from 3.5 on a supply is rounded down',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  owedOf: rayMulBy(ceil),\n',
    replace: '',
    why: 'from 3.5 on a debt is rounded up',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  scaledSupply: rayDivBy(ceil),\n',
    replace: '',
    why: 'from 3.5 on what leaves a supply is rounded up',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  scaledDebt: rayDivBy(floor),\n',
    replace: '',
    why: 'from 3.5 on what leaves a debt is rounded down',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  worthOfDebt: ceil,\n',
    replace: '',
    why: "from 3.5 on a debt's worth is rounded up",
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  withoutBonus: percentDivBy(ceil),\n',
    replace: '',
    why: 'from 3.5 on what is repaid for too little collateral is rounded up',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  weighsHealth: true,\n',
    replace: '',
    why: 'from 3.5 on the average threshold is not rounded in the health factor',
  },
  {
    file: `${rules}/rounding.ts`,
    find: "version: '3.6', gatesThreshold: false",
    replace: "version: '3.6'",
    why: 'from 3.6 on a category gives a threshold to a reserve that has none',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  withBonus: percentMulBy(floor),\n',
    replace: '',
    why: 'in 3.7 the bonus is rounded down',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  bonusBase: percentDivBy(floor),\n',
    replace: '',
    why: 'in 3.7 what is no bonus is rounded down',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  fee: percentMulBy(ceil),\n',
    replace: '',
    why: 'in 3.7 the fee is rounded up',
  },
  {
    file: `${rules}/rounding.ts`,
    find: '  countsScaledLoss: true,\n',
    replace: '',
    why: 'in 3.7 the scaled loss tells whether nothing is left',
  },
  {
    file: `${rules}/account-data-33.ts`,
    find: 'category !== 0 && ((collateralBitmap >> BigInt(reserve.id)) & 1n) === 1n',
    replace: 'category !== 0',
    why: 'a category lists its collateral by bits',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'heldBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&',
    replace: 'heldBase > MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&',
    why: 'a collateral of exactly 2,000 dollars is not small',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'owedBase >= MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&',
    replace: 'owedBase > MIN_BASE_MAX_CLOSE_FACTOR_THRESHOLD &&',
    why: 'a debt of exactly 2,000 dollars is not small',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'it.healthFactorWad > CLOSE_FACTOR_HF_THRESHOLD\n',
    replace: 'it.healthFactorWad >= CLOSE_FACTOR_HF_THRESHOLD\n',
    why: 'at exactly 0.95 all may be repaid',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'percentMul(it.totalDebtBase, DEFAULT_LIQUIDATION_CLOSE_FACTOR)',
    replace: 'percentMul(owedBase as Base, DEFAULT_LIQUIDATION_CLOSE_FACTOR)',
    why: 'the close factor is of the whole position',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'owedBase < MIN_LEFTOVER_BASE ||',
    replace: 'owedBase <= MIN_LEFTOVER_BASE ||',
    why: 'exactly 1,000 dollars of debt may be left',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: '|| heldBase < MIN_LEFTOVER_BASE',
    replace: '|| heldBase <= MIN_LEFTOVER_BASE',
    why: 'exactly 1,000 dollars of collateral may be left',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'if (leftOwedRaw <= 0n || leftHeldRaw <= 0n) return false',
    replace: 'if (leftOwedRaw <= 0n) return false',
    why: 'a call that takes all of the collateral leaves no dust',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'Math.max(collateral.graceUntilSec, debt.graceUntilSec) >= timestampSec',
    replace: 'Math.max(collateral.graceUntilSec, debt.graceUntilSec) > timestampSec',
    why: 'grace ends after its last second',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'rounding.gatesThreshold && collateral.thresholdBps === 0n',
    replace: 'false',
    why: 'up to 3.5 collateral without a threshold cannot be liquidated',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'const burnedRaw = leavesNoCollateral ? owedOf(it, rounding) : repayRaw',
    replace: 'const burnedRaw = repayRaw',
    why: 'without collateral all of the debt is burned',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: '(isSame ? repayRaw : 0n)',
    replace: '0n',
    why: 'what is repaid of the same asset can be paid out',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'if (!receiveAToken && seizedScaledRaw === 0n)',
    replace: 'if (seizedScaledRaw === 0n)',
    why: 'an aToken of nothing may be transferred, not burned',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: 'const isCapped = feeScaledRaw > leftScaledRaw',
    replace: 'const isCapped = false',
    why: "the treasury's share is capped at what is left",
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: ': takenRaw !== heldRaw',
    replace: ': !leavesNoCollateral',
    why: 'up to 3.6 the collateral is switched off when all of its balance was taken',
  },
  {
    file: `${rules}/liquidation-33.ts`,
    find: '((MIN_LEFTOVER_BASE - 1n) * debt.unitRaw) / debtPriceBase + 1n',
    replace: '(MIN_LEFTOVER_BASE * debt.unitRaw) / debtPriceBase',
    why: 'a worth that is rounded up needs one unit more to be above its threshold',
  },
]
