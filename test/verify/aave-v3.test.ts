import { expect, test } from 'vitest'
import { sec } from '../../core/units.ts'
import { startAaveLab } from '../support/aave-lab.ts'
import {
  type AccountVector,
  type EventVector,
  expectedOf,
  type IndexVector,
  isOurs,
  type LiquidationVector,
  ourAccount,
  ourIndexes,
  ourLiquidation,
  revisions,
  roundingOf,
} from '../support/aave-revisions.ts'
import { readAaveVectors, skippedWithout } from '../support/aave-vectors.ts'
import { differences, readAccounts } from '../support/lab-accounts.ts'
import { followLab } from '../support/lab-follower.ts'
import { liquidateAtRandom } from '../support/lab-liquidations.ts'
import { crash, populate, stir } from '../support/lab-population.ts'
import { followedBalance } from '../support/revision-events.ts'
import { seeded } from '../support/seeded.ts'

const ACCOUNT_CHECKS = 10_000
const LIQUIDATIONS = 1_000
const MOST_SEEDS = 40

const tell = (verify: string, revision: string, checks: number, mismatches: number): void => {
  process.stdout.write(`${JSON.stringify({ verify, revision, checks, mismatches })}\n`)
}

interface Tally {
  checks: number
  landed: number
  calls: number
  readonly mismatches: unknown[]
}

/** A history of a seed on the genuine contracts: thirty days and more, crash upon crash. */
const play = async (seed: number, tally: Tally): Promise<void> => {
  const random = seeded(seed)
  const lab = await startAaveLab()
  try {
    const follower = await followLab(lab)
    const borrowers = await populate(lab, follower, random, 120)
    for (let round = 0; round < 4; round++) await stir(lab, follower, random, borrowers)
    for (let round = 0; round < 10; round++) {
      await crash(lab, follower, random)
      const { timestampSec } = await follower.mine([], random.below(600_000) + 1)
      const accounts = await readAccounts(lab, follower.market(), borrowers)
      tally.checks += accounts.filter(({ stable }) => !stable).length
      tally.mismatches.push(...differences(follower, accounts, sec(timestampSec)))
      const trials = await liquidateAtRandom(lab, follower, random, accounts)
      tally.calls += trials.length
      tally.landed += trials.filter(({ actual }) => actual.startsWith('repaid')).length
      tally.mismatches.push(
        ...trials.filter(
          ({ predicted, actual, bookAgrees }) => predicted !== actual || !bookAgrees,
        ),
      )
      await stir(lab, follower, random, borrowers)
    }
  } finally {
    await lab.chain.anvil.stop()
  }
}

/** What a vector says of an account, without what concerns borrowing. */
const saidOf = (it: AccountVector): Readonly<Record<string, string>> => {
  const { availableBorrowsBase: _, ltv: __, ...said } = it.expect
  return said
}

test('Aave V3.0 is what the genuine contracts are, in the long run', async () => {
  const tally: Tally = { checks: 0, landed: 0, calls: 0, mismatches: [] }
  for (
    let seed = 1_000;
    (tally.checks < ACCOUNT_CHECKS || tally.landed < LIQUIDATIONS) && seed < 1_000 + MOST_SEEDS;
    seed++
  )
    await play(seed, tally)
  tell('aave-v3 accounts', '3.0', tally.checks, tally.mismatches.length)
  tell('aave-v3 liquidations landed', '3.0', tally.landed, tally.mismatches.length)
  expect(tally.mismatches).toEqual([])
  expect(tally.checks).toBeGreaterThanOrEqual(ACCOUNT_CHECKS)
  expect(tally.landed).toBeGreaterThanOrEqual(LIQUIDATIONS)
})

test.each(revisions)('Aave V3 of revision %i is what its vectors say', (revision) => {
  const rounding = roundingOf(revision)
  const name = `aave_r${revision}`
  const accounts = readAaveVectors<AccountVector>(`${name}_account`)
  if (accounts === undefined) {
    process.stdout.write(`revision ${revision}${skippedWithout(accounts)}\n`)
    return
  }
  const wrong = <T>(cases: readonly T[], ours: (it: T) => unknown, theirs: (it: T) => unknown) =>
    cases.filter((it) => JSON.stringify(ours(it)) !== JSON.stringify(theirs(it))).length
  const indexes = readAaveVectors<IndexVector>(`${name}_index`)!
  const calls = readAaveVectors<LiquidationVector>(`${name}_liquidation`)!.filter(isOurs)
  const events = readAaveVectors<EventVector>(`${name}_events`)!
  const mismatches =
    wrong(accounts, (it) => ourAccount(it, rounding), saidOf) +
    wrong(
      indexes,
      (it) => ourIndexes(it, rounding),
      (it) => it.expect,
    ) +
    wrong(calls, (it) => ourLiquidation(it, rounding), expectedOf) +
    wrong(
      events,
      (it) => followedBalance(it, revision),
      (it) => it.scaledAfter,
    )
  const checks = accounts.length + indexes.length + calls.length + events.length
  tell('aave-v3 vectors', rounding.version, checks, mismatches)
  expect(mismatches).toBe(0)
})
