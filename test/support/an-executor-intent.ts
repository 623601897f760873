import { getAddress, numberToHex } from 'viem'
import type { Hop, Intent } from '../../core/types/plan.ts'
import { gas, raw, wei } from '../../core/units.ts'
import { anIntent, anItem, aPlan } from './a-bundle.ts'
import { bob, type ExecutorItem } from './an-executor-world.ts'

const hopsOf = (words: readonly bigint[]): Hop[] =>
  words.map((word) => ({
    pool: getAddress(numberToHex(word & (2n ** 160n - 1n), { size: 20 })),
    zeroForOne: word >> 255n === 1n,
  }))

/** An intent of bob that holds these items, with gas and fees for the executor's world. */
export const anIntentOf = (
  items: readonly ExecutorItem[],
  { deadlineBlock, nonce = 0 }: Partial<Pick<Intent, 'deadlineBlock' | 'nonce'>>,
): Intent => {
  const plan = aPlan({
    items: items.map(({ account, collateral, debt, repay, route, settle }) =>
      anItem({
        ...{ account, collateral, debt },
        repayRaw: raw(repay),
        route: hopsOf(route),
        settle: hopsOf(settle),
      }),
    ),
    targetBlock: deadlineBlock ?? 0,
    minProfitWei: wei(1n),
    gasLimit: gas(1_500_000n),
    maxFeePerGasWei: wei(50n * 10n ** 9n),
  })
  return anIntent({ plan, operator: bob, nonce, deadlineBlock: deadlineBlock ?? 0 })
}
