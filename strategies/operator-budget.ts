import { min } from '../core/math.ts'
import type { Operator } from '../core/types/event.ts'
import { type Gas, gas, type Wei } from '../core/units.ts'
import { MAX_TX_GAS } from './gas.ts'

export interface OperatorBudget {
  /** Transactions that may be planned for one block, each from an operator of its own. */
  readonly plans: number
  /** The gas limit that each of those operators can pay for. */
  readonly gasLimit: Gas
}

/**
 * Returns how many transactions to plan and how large, so that they can hold most: many operators that afford little,
 * or few that afford much.
 */
export const operatorBudget = (
  operators: readonly Operator[],
  maxFeePerGasWei: Wei,
): OperatorBudget => {
  const limits = operators
    .map(({ balanceWei }) => min(gas(balanceWei / maxFeePerGasWei), MAX_TX_GAS))
    .sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
  let best: OperatorBudget = { plans: 0, gasLimit: gas(0n) }
  limits.forEach((limit, index) => {
    const plans = index + 1
    if (limit * BigInt(plans) > best.gasLimit * BigInt(best.plans))
      best = { plans, gasLimit: limit }
  })
  return best
}
