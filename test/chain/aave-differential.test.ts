import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../core/types/chain.ts'
import { sec } from '../../core/units.ts'
import { type AaveLab, type LabAsset, startAaveLab } from '../support/aave-lab.ts'
import { type ChainAccount, differences, readAccounts } from '../support/lab-accounts.ts'
import { followLab, type LabFollower } from '../support/lab-follower.ts'
import { liquidateAtRandom, type Trial } from '../support/lab-liquidations.ts'
import { crash, populate, stir } from '../support/lab-population.ts'
import { seeded } from '../support/seeded.ts'

const seeds = (process.env.BAILIFF_SEEDS ?? '1,2').split(',').map(Number)
const borrowerCount = 120

const expectTrials = (trials: readonly Trial[]): void => {
  expect(trials.filter(({ predicted, actual }) => predicted !== actual)).toEqual([])
  expect(trials.filter(({ bookAgrees }) => !bookAgrees)).toEqual([])
}

describe.each(seeds)('genuine core-v3 1.19.3, seed %i', (seed) => {
  const random = seeded(seed)
  let lab: AaveLab
  let follower: LabFollower
  let borrowers: readonly Address[]
  let timestampSec = 0
  const trials: Trial[] = []

  const read = (): Promise<readonly ChainAccount[]> =>
    readAccounts(lab, follower.market(), borrowers)
  const step = async (elapsedSec: number): Promise<void> => {
    timestampSec = (await follower.mine([], elapsedSec)).timestampSec
  }

  beforeAll(async () => {
    lab = await startAaveLab()
    follower = await followLab(lab)
    borrowers = await populate(lab, follower, random, borrowerCount)
    for (let round = 0; round < 4; round++) await stir(lab, follower, random, borrowers)
  })
  afterAll(async () => {
    await lab?.chain.anvil.stop()
  })

  const expectFollowed = async (): Promise<void> => {
    for (const { address, category, stable, holdings } of await read()) {
      const mine = follower.accounts.get(address)
      if (stable) expect(mine?.stable).toBe(true)
      const bySlot = new Map(mine?.holdings.map((holding) => [holding.slot, holding]))
      const followed = holdings.map(
        ({ slot }) => bySlot.get(slot) ?? { slot, suppliedRaw: 0n, owedRaw: 0n, collateral: false },
      )
      expect({ address, category: mine?.category, holdings: followed }).toEqual({
        address,
        category,
        holdings,
      })
    }
  }

  test('scaled balances, bits and categories from events are what the chain holds', async () => {
    await expectFollowed()
    const types = new Set(follower.changes.map(({ type }) => type))
    expect([...types].sort()).toEqual([
      'aave/collateral',
      'aave/emode',
      'aave/index',
      'aave/scaled',
      'aave/stable-debt',
    ])
  })

  test('getUserAccountData is equal to the wei, at any time and price', async () => {
    let compared = 0
    for (const elapsedSec of [1, 12, 86_400, 40_000_000]) {
      await crash(lab, follower, random)
      await step(elapsedSec)
      const accounts = await read()
      expect(differences(follower, accounts, sec(timestampSec))).toEqual([])
      compared += accounts.filter(({ stable, debtBase }) => !stable && debtBase > 0n).length
    }
    expect(compared).toBeGreaterThan(200)
  })

  test('liquidationCall repays, pays and refuses as predicted, to the wei', async () => {
    for (let round = 0; round < 6; round++) {
      await crash(lab, follower, random)
      await step(random.below(200_000) + 1)
      trials.push(...(await liquidateAtRandom(lab, follower, random, await read())))
    }
    expectTrials(trials)
    const outcomes = trials.map(({ actual }) => (actual.startsWith('repaid') ? 'landed' : actual))
    expect(outcomes.filter((outcome) => outcome === 'landed').length).toBeGreaterThan(60)
    expect(new Set(outcomes)).toEqual(new Set(['landed', '25', '45', '46', '47']))
    await expectFollowed()
  })

  test('the same with a reserve paused, one without a threshold and one moved out of its category', async () => {
    const [, steth, , , , gusd, fine] = lab.assets as [LabAsset, ...LabAsset[]]
    await follower.mine(
      [
        lab.configure('setReservePause', [gusd!.token, true]),
        lab.configure('setAssetEModeCategory', [steth!.token, 0]),
      ],
      12,
    )
    await lab.setThresholdZero(fine!.token)
    expect(follower.book.supported).toBe(false)
    await follower.reread()
    expect(follower.book.supported).toBe(true)
    const changed: Trial[] = []
    for (let round = 0; round < 4; round++) {
      await crash(lab, follower, random)
      await step(random.below(200_000) + 1)
      const accounts = await read()
      expect(differences(follower, accounts, sec(timestampSec))).toEqual([])
      changed.push(...(await liquidateAtRandom(lab, follower, random, accounts)))
    }
    expectTrials(changed)
    const outcomes = new Set(changed.map(({ actual }) => actual))
    expect(outcomes).toContain('29')
    await expectFollowed()
  })
})
