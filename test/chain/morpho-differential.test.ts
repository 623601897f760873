import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../core/types/chain.ts'
import { sec } from '../../core/units.ts'
import { compareBooks, compareVerdicts, movePrices } from '../support/morpho-comparison.ts'
import { followMorpho, type MorphoFollower } from '../support/morpho-follower.ts'
import {
  hasMorpho,
  type MorphoLab,
  skippedWithoutMorpho,
  startMorphoLab,
} from '../support/morpho-lab.ts'
import { enrich, populateMorpho, stirMorpho } from '../support/morpho-population.ts'
import { bob, liquidateAtRandom, type Trial } from '../support/morpho-trials.ts'
import { seeded } from '../support/seeded.ts'

const seeds = (process.env.BAILIFF_SEEDS ?? '1').split(',').map(Number)
const borrowerCount = 24
const DAY = 86_400

describe.skipIf(!hasMorpho).each(seeds)(
  `genuine morpho-blue 1.0.0, seed %i${skippedWithoutMorpho}`,
  (seed) => {
    const random = seeded(seed)
    let lab: MorphoLab
    let follower: MorphoFollower
    let borrowers: readonly Address[]

    const expectFollowed = async (): Promise<number> => {
      const { checks, mismatches } = await compareBooks(lab, follower, borrowers)
      expect(mismatches).toEqual([])
      return checks
    }

    beforeAll(async () => {
      lab = await startMorphoLab()
      follower = await followMorpho(lab)
      borrowers = await populateMorpho(lab, follower, random, borrowerCount)
      await follower.mine(enrich(lab, bob), 1)
    })
    afterAll(async () => {
      await lab?.chain.anvil.stop()
    })

    test('totals, rates and positions from logs are what the chain holds, through thirty days', async () => {
      const startSec = follower.timestampSec()
      for (let round = 0; follower.timestampSec() - startSec < 30 * DAY; round++) {
        await stirMorpho(lab, follower, random, borrowers, 1 + random.below(2 * DAY))
        if (round % 5 === 4) {
          await movePrices(lab, follower, random, 0.9, 1.1)
          await expectFollowed()
        }
        if (round === 12) await follower.beginAnew(lab.markets[0]!, borrowers)
      }
      expect(await expectFollowed()).toBeGreaterThan(30)
      const types = new Set(follower.changes.map(({ type }) => type))
      expect([...types].sort()).toEqual([
        'morpho/accrue',
        'morpho/authorization',
        'morpho/borrow',
        'morpho/collateral',
        'morpho/created',
        'morpho/fee',
        'morpho/rate',
        'morpho/supply',
      ])
    })

    test('the contract agrees with the book on who may be liquidated and for how much, at any time', async () => {
      let [refused, taken] = [0, 0]
      for (const elapsedSec of [1, 12, 3_600, DAY, 7 * DAY, 400 * DAY]) {
        await movePrices(lab, follower, random, 0.6, 1.2)
        const timestampSec = sec(follower.timestampSec() + elapsedSec)
        const verdicts = await compareVerdicts(lab, follower, random, timestampSec)
        expect(verdicts.mismatches).toEqual([])
        refused += verdicts.refused
        taken += verdicts.taken
      }
      expect(refused).toBeGreaterThan(30)
      expect(taken).toBeGreaterThan(30)
    })

    test('liquidate repays, pays, writes off and refuses as predicted, to the wei', async () => {
      const trials: Trial[] = []
      for (let round = 0; round < 8; round++) {
        await movePrices(lab, follower, random, 0.3, 1.3)
        if (round === 6) await follower.setPrice(lab.markets[1]!, 0n)
        trials.push(...(await liquidateAtRandom(lab, follower, random, borrowers)))
        await expectFollowed()
        await stirMorpho(lab, follower, random, borrowers, 1 + random.below(DAY))
      }
      expect(trials.filter(({ predicted, actual }) => predicted !== actual)).toEqual([])
      const outcomes = trials.map(({ actual }) => (actual.startsWith('repaid') ? 'landed' : actual))
      expect(outcomes.filter((outcome) => outcome === 'landed').length).toBeGreaterThan(20)
      expect(trials.some(({ actual }) => /bad debt [1-9]/.test(actual))).toBe(true)
      expect(new Set(outcomes)).toEqual(
        new Set([
          'landed',
          'position is healthy',
          'inconsistent input',
          'max uint128 exceeded',
          'Panic17',
          'Panic18',
        ]),
      )
    })
  },
)
