import type { Mutant } from './mutant.ts'

const rules = 'protocols/aave-v3'

/** Single rules of Aave V3.0 got wrong, as one would get them wrong; the tests must notice each. */
export const mutants: readonly Mutant[] = [
  {
    file: `${rules}/ray-math.ts`,
    find: '((a * b + HALF_RAY) / RAY) as U',
    replace: '((a * b) / RAY) as U',
    why: 'rayMul rounds half up',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: '((a * RAY + b / 2n) / b) as U',
    replace: '((a * RAY) / b) as U',
    why: 'rayDiv rounds half up',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: '((a * WAD + b / 2n) / b) as Wad',
    replace: '((a * WAD) / b) as Wad',
    why: 'wadDiv rounds half up',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: '((value * percentageBps + HALF_PERCENTAGE_FACTOR) / PERCENTAGE_FACTOR) as U',
    replace: '((value * percentageBps) / PERCENTAGE_FACTOR) as U',
    why: 'percentMul rounds half up',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: '((value * PERCENTAGE_FACTOR + percentageBps / 2n) / percentageBps) as U',
    replace: '((value * PERCENTAGE_FACTOR) / percentageBps) as U',
    why: 'percentDiv rounds half up',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: 'const minusTwo = elapsedSec > 2n ? elapsedSec - 2n : 0n',
    replace: 'const minusTwo = elapsedSec',
    why: 'the third term is of three different seconds',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: '(elapsedSec * minusOne * squared) / 2n',
    replace: '(elapsedSec * elapsedSec * squared) / 2n',
    why: 'the second term is of two different seconds',
  },
  {
    file: `${rules}/ray-math.ts`,
    find: 'rayMul(rateRay, rateRay) / (SECONDS_PER_YEAR * SECONDS_PER_YEAR)',
    replace: 'rayMul((rateRay / SECONDS_PER_YEAR) as Ray, (rateRay / SECONDS_PER_YEAR) as Ray)',
    why: 'the rate is squared before it is divided by the seconds',
  },
  {
    file: `${rules}/health.ts`,
    find: 'collateral && reserve.thresholdBps !== 0n',
    replace: 'collateral',
    why: 'a reserve without a threshold is no collateral',
  },
  {
    file: `${rules}/health.ts`,
    find: 'averageThresholdBps = collateralBase === 0n ? 0n : weightedBase / collateralBase',
    replace:
      'averageThresholdBps = collateralBase === 0n ? 0n : (weightedBase + collateralBase / 2n) / collateralBase',
    why: 'the average threshold is rounded down to whole basis points',
  },
  {
    file: `${rules}/health.ts`,
    find: 'emode.priceBase !== undefined && emode.category === reserve.category',
    replace: 'emode.priceBase !== undefined',
    why: "a category's own price is for its own assets",
  },
  {
    file: `${rules}/health.ts`,
    find: 'const inCategory = category !== 0 && reserve.category === category',
    replace: 'const inCategory = category !== 0',
    why: "a category's threshold is for its own assets",
  },
  {
    file: `${rules}/liquidation.ts`,
    find: 'it.healthFactorWad > CLOSE_FACTOR_HF_THRESHOLD',
    replace: 'it.healthFactorWad >= CLOSE_FACTOR_HF_THRESHOLD',
    why: 'at exactly 0.95 all may be repaid',
  },
  {
    file: `${rules}/liquidation.ts`,
    find: 'it.healthFactorWad >= HEALTH_FACTOR_LIQUIDATION_THRESHOLD',
    replace: 'it.healthFactorWad > HEALTH_FACTOR_LIQUIDATION_THRESHOLD',
    why: 'a position at exactly one is healthy',
  },
  {
    file: `${rules}/liquidation.ts`,
    find: 'raw(takenRaw - percentDiv(takenRaw, bonusBps))',
    replace: 'takenRaw',
    why: 'the protocol takes its fee of the bonus alone',
  },
  {
    file: `${rules}/liquidation.ts`,
    find: 'const debtPriceBase = emode.priceBase ?? debt.priceBase',
    replace: 'const debtPriceBase = priceFor(debt, emode)',
    why: "3.0 prices the debt by the category's source even outside it",
  },
  {
    file: `${rules}/liquidation.ts`,
    find: 'rayDiv(feeRaw, indexRay) > leftRaw ? rayMul(leftRaw, indexRay) : feeRaw',
    replace: 'feeRaw',
    why: "the treasury's share is capped at what is left",
  },
  {
    file: `${rules}/liquidation.ts`,
    find: 'bonusBps: inCategory ? emode.bonusBps : collateral.bonusBps',
    replace: 'bonusBps: collateral.bonusBps',
    why: 'in e-mode the bonus is the category’s',
  },
]
