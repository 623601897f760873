import { maxUint256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raw, sec } from '../../core/units.ts'
import { type AaveLab, startAaveLab } from '../support/aave-lab.ts'
import { readAccounts } from '../support/lab-accounts.ts'
import { followLab, type LabFollower } from '../support/lab-follower.ts'
import { borrowerOf, fund, poolTx, supply } from '../support/lab-population.ts'

const alice = borrowerOf(1)
const bob = '0x0000000000000000000000000000000000000b0b'
const whale = '0x000000000000000000000000000000000b16ba1e'

/**
 * Alice has so little of DAI (threshold 80 %) and owes 8,000 units of USDC, worth 800,000 base units: too little for
 * interest to move within minutes, so that the price of DAI alone says where her health factor stands.
 */
const suppliedRaw = 10n ** 16n
const owedRaw = 8_000n

describe('the thresholds, on genuine core-v3 1.19.3', () => {
  let lab: AaveLab
  let follower: LabFollower

  beforeAll(async () => {
    lab = await startAaveLab()
    follower = await followLab(lab)
    const [, , usdc, dai] = lab.assets
    await follower.setUsd(usdc!.feed, 1)
    await follower.mine(supply(lab, whale, usdc!, 10n ** 12n), 1)
    await follower.mine(supply(lab, alice, dai!, suppliedRaw), 1)
    await follower.setUsd(dai!.feed, 2)
    await follower.mine([poolTx(lab, alice, 'borrow', [usdc!.token, owedRaw, 2, 0, alice])], 1)
    await follower.mine(fund(lab, bob, usdc!, 10n ** 12n), 1)
  })
  afterAll(async () => {
    await lab?.chain.anvil.stop()
  })

  test.each([
    { name: 'exactly 1: refused', daiUsd: 1, healthFactorWad: 10n ** 18n, repaidRaw: undefined },
    {
      name: 'just below 1: half',
      daiUsd: 0.999998,
      healthFactorWad: 999_997_500_000_000_000n,
      repaidRaw: 4_000n,
    },
    {
      name: 'just above 0.95: half',
      daiUsd: 0.950002,
      healthFactorWad: 950_002_500_000_000_000n,
      repaidRaw: 4_000n,
    },
    {
      name: 'exactly 0.95: all',
      daiUsd: 0.95,
      healthFactorWad: 95n * 10n ** 16n,
      repaidRaw: 8_000n,
    },
  ])('health factor $name', async ({ daiUsd, healthFactorWad, repaidRaw }) => {
    const [, , usdc, dai] = lab.assets
    await follower.setUsd(dai!.feed, daiUsd)
    const { timestampSec } = await follower.mine([], 1)
    const [chain] = await readAccounts(lab, follower.market(), [alice])
    expect(chain?.healthFactorWad).toBe(healthFactorWad)
    const view = follower.view(sec(timestampSec))
    expect(follower.book.audited(alice, view)?.healthFactorWad).toBe(healthFactorWad)
    const pair = follower.book.examine(alice, view)?.pairs[0]
    expect(pair?.maxRepayRaw).toBe(repaidRaw)
    const snapshot = await lab.chain.anvil.rpc.call('evm_snapshot')
    const args = [dai!.token, usdc!.token, alice, maxUint256, false]
    const { receipts } = await lab.chain.mine([poolTx(lab, bob, 'liquidationCall', args)], 1)
    expect(receipts[0]?.status).toBe(repaidRaw === undefined ? '0x0' : '0x1')
    if (pair !== undefined) {
      const { seizeRaw } = pair.seizeOf(raw(maxUint256))
      const event = receipts[0]?.logs.at(-1)
      expect(event?.data.slice(2, 130)).toBe(
        [repaidRaw!, seizeRaw].map((n) => n.toString(16).padStart(64, '0')).join(''),
      )
    }
    await lab.chain.anvil.rpc.call('evm_revert', [snapshot])
    lab.chain.takeBack(bob)
  })
})
