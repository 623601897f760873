import { expect, test } from 'vitest'
import { sec } from '../../core/units.ts'
import {
  type Comparison,
  compareBooks,
  compareVerdicts,
  movePrices,
  sumOf,
} from '../support/morpho-comparison.ts'
import { followMorpho } from '../support/morpho-follower.ts'
import { hasMorpho, skippedWithoutMorpho, startMorphoLab } from '../support/morpho-lab.ts'
import { enrich, populateMorpho, stirMorpho } from '../support/morpho-population.ts'
import { bob, liquidateAtRandom } from '../support/morpho-trials.ts'
import { seeded } from '../support/seeded.ts'

const ACCOUNT_CHECKS = 1_000
const VERDICTS = 1_000
const LIQUIDATIONS = 500
const DAY = 86_400

interface Tally {
  readonly accounts: Comparison
  readonly verdicts: Comparison
  readonly calls: Comparison
  readonly landed: number
}

/** Thirty days in the world of a seed, then crash upon crash. */
const runOf = async (seed: number): Promise<Tally> => {
  const random = seeded(seed)
  const lab = await startMorphoLab()
  try {
    const follower = await followMorpho(lab)
    const borrowers = await populateMorpho(lab, follower, random, 32)
    await follower.mine(enrich(lab, bob), 1)
    const accounts: Comparison[] = []
    const verdicts: Comparison[] = []
    const calls: Comparison[] = []
    let landed = 0
    const startSec = follower.timestampSec()
    for (let round = 0; follower.timestampSec() - startSec < 30 * DAY; round++) {
      await stirMorpho(lab, follower, random, borrowers, 1 + random.below(DAY))
      if (round % 10 === 0) accounts.push(await compareBooks(lab, follower, borrowers))
    }
    for (let round = 0; round < 12; round++) {
      await movePrices(lab, follower, random, 0.3, 1.3)
      const timestampSec = sec(follower.timestampSec() + 1 + random.below(30 * DAY))
      verdicts.push(await compareVerdicts(lab, follower, random, timestampSec))
      const trials = await liquidateAtRandom(lab, follower, random, borrowers)
      landed += trials.filter(({ actual }) => actual.startsWith('repaid')).length
      calls.push({
        checks: trials.length,
        mismatches: trials
          .filter(({ predicted, actual }) => predicted !== actual)
          .map(({ what, predicted, actual }) => ({ what, predicted, actual })),
      })
      accounts.push(await compareBooks(lab, follower, borrowers))
      for (let turn = 0; turn < 6; turn++) {
        await stirMorpho(lab, follower, random, borrowers, 1 + random.below(DAY / 4))
      }
    }
    return { accounts: sumOf(accounts), verdicts: sumOf(verdicts), calls: sumOf(calls), landed }
  } finally {
    await lab.chain.anvil.stop()
  }
}

test.skipIf(!hasMorpho)(
  `Morpho Blue is what the genuine contract is, in the long run${skippedWithoutMorpho}`,
  async () => {
    const tallies: Tally[] = []
    const landedOf = (): number => tallies.reduce((total, { landed }) => total + landed, 0)
    for (let seed = 1; landedOf() < LIQUIDATIONS && seed <= 20; seed++) {
      tallies.push(await runOf(seed))
    }
    const accounts = sumOf(tallies.map((tally) => tally.accounts))
    const verdicts = sumOf(tallies.map((tally) => tally.verdicts))
    const calls = sumOf(tallies.map((tally) => tally.calls))
    const wrong = calls.mismatches.length
    const lines = [
      ['accounts', accounts.checks, accounts.mismatches.length],
      ['verdicts', verdicts.checks, verdicts.mismatches.length],
      ['calls', calls.checks, wrong],
      ['liquidations', landedOf(), wrong],
    ] as const
    for (const [what, checks, mismatches] of lines) {
      const line = { verify: `morpho-blue ${what}`, revision: '1.0.0', checks, mismatches }
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
    expect([...accounts.mismatches, ...verdicts.mismatches, ...calls.mismatches]).toEqual([])
    expect(accounts.checks).toBeGreaterThanOrEqual(ACCOUNT_CHECKS)
    expect(verdicts.checks).toBeGreaterThanOrEqual(VERDICTS)
    expect(landedOf()).toBeGreaterThanOrEqual(LIQUIDATIONS)
  },
)
