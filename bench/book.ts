import type { Address } from '../core/types/chain.ts'
import { type Base, base, WAD } from '../core/units.ts'
import type { PriceView, ProtocolBook } from '../protocols/protocol.ts'
import { addressOf, anAaveBook } from '../test/support/an-aave-book.ts'
import { type RandomBook, randomAaveBook } from '../test/support/random-aave-book.ts'
import { type Seeded, seeded } from '../test/support/seeded.ts'
import { createHealthPeer } from './health-peer.ts'
import { createPlainScan } from './plain-scan.ts'
import type { BenchResult } from './result.ts'

const counts = [10_000, 100_000]
const rounds = 7
const seed = 20_231_031
/** The peer takes milliseconds for a few accounts: so many are enough to know what one costs. */
const peerAccounts = 300

/** Kinds of movement, and how many of each a round has. */
const movements = [
  { name: 'a 2 bp tick of one asset', ticks: 200, of: 1, by: 0.000_2 },
  { name: 'a 0.5 % tick of one asset', ticks: 50, of: 1, by: 0.005 },
  { name: 'a crash of all assets', ticks: 5, of: 40, by: 0.1 },
] as const

type Movement = (typeof movements)[number]

interface World {
  readonly random: RandomBook
  readonly book: ProtocolBook
  readonly plain: ReturnType<typeof createPlainScan>
  readonly prices: Map<Address, Base>
}

const worldOf = (count: number): World => {
  const random = randomAaveBook(seed, { count, ordinary: true, calm: true })
  const { market, view, changes, accounts } = random
  const prices = new Map(
    market.reserves.map(({ aggregator }) => [aggregator, view.priceOf(aggregator)!]),
  )
  return {
    random,
    book: anAaveBook(market, changes),
    plain: createPlainScan(market, accounts),
    prices,
  }
}

const viewOf = ({ random, prices }: World): PriceView => {
  const now = new Map(prices)
  return {
    timestampSec: random.view.timestampSec,
    priceOf: (aggregator) => now.get(aggregator) ?? random.view.priceOf(aggregator),
  }
}

/** Moves prices up or down, a crash down only, and back toward where they began. */
const move = ({ prices, random }: World, { of, by }: Movement, dice: Seeded): void => {
  const all = [...prices.keys()]
  for (const aggregator of of === 1 ? [dice.pick(all)] : all) {
    const began = random.view.priceOf(aggregator)!
    const factor = of === 1 && dice.chance(0.5) ? 1 + by : 1 - by
    const next = Number(prices.get(aggregator)!) * factor
    const isFar = Math.abs(next / Number(began) - 1) > 0.25
    prices.set(aggregator, base(isFar ? began : BigInt(Math.max(1, Math.round(next)))))
  }
}

const timedMs = (work: () => void): number => {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}

const quantileOf = (values: readonly number[], quantile: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * quantile)]!

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Who is liquidatable by the exact rules, asked of everyone. */
const judged = (book: ProtocolBook, view: PriceView): ReadonlySet<Address> =>
  new Set(
    [...book.accounts()].filter(
      (account) => (book.audited(account, view)?.healthFactorWad ?? WAD) < WAD,
    ),
  )

/** Milliseconds that the peer takes for one account, its reserves formatted once for all as a tick demands. */
const peerMsPerAccount = ({ random }: World): number => {
  const { market, accounts, view } = random
  const some = accounts.slice(0, peerAccounts)
  const peer = createHealthPeer({
    market,
    timestampSec: view.timestampSec,
    answers: Object.fromEntries(
      market.reserves.map(({ aggregator }) => [
        aggregator.toLowerCase(),
        view.priceOf(aggregator)! as bigint,
      ]),
    ),
    accounts: some.map(({ account, category = 0, legs }) => ({
      address: account,
      category,
      holdings: legs.map(({ n, ...leg }) => ({ slot: n, ...leg })),
      collateralBase: base(0n),
      debtBase: base(0n),
      healthFactorWad: WAD,
    })),
  } as unknown as Parameters<typeof createHealthPeer>[0])
  peer.evaluate()
  return timedMs(() => peer.evaluate()) / some.length
}

interface Measured {
  readonly ours: number[]
  readonly plain: number[]
  correct: boolean
}

const measure = (world: World, movement: Movement, dice: Seeded): Measured => {
  const { book, plain } = world
  const result: Measured = { ours: [], plain: [], correct: true }
  book.screen(viewOf(world))
  for (let tick = 0; tick < movement.ticks; tick++) {
    move(world, movement, dice)
    const view = viewOf(world)
    let confirmed: readonly Address[] = []
    result.ours.push(
      timedMs(() => {
        confirmed = book
          .screen(view)
          .filter((account) => (book.audited(account, view)?.healthFactorWad ?? WAD) < WAD)
      }),
    )
    result.plain.push(timedMs(() => plain.scan(view)))
    if (tick !== movement.ticks - 1) continue
    const expected = judged(book, view)
    result.correct =
      confirmed.length === expected.size && confirmed.every((account) => expected.has(account))
  }
  return result
}

/**
 * Measures how long one tick takes to know exactly who is liquidatable, beside a plain float scan over all accounts, which
 * only estimates, and beside `@aave/math-utils` for as many accounts, known from what it takes for some.
 */
export const benchBook = async (sizes: readonly number[] = counts): Promise<BenchResult[]> => {
  const results: BenchResult[] = []
  for (const count of sizes) {
    const world = worldOf(count)
    const dice = seeded(seed)
    for (const movement of movements) {
      const ours: number[][] = []
      const plain: number[][] = []
      const peers: number[] = []
      let correct = world.book.aggregatorOf?.(addressOf(0x70, 0)) !== undefined
      for (let round = 0; round < rounds; round++) {
        const measured = measure(world, movement, dice)
        ours.push(measured.ours)
        plain.push(measured.plain)
        peers.push(peerMsPerAccount(world) * count)
        correct &&= measured.correct
      }
      const median = (of: (round: number) => number): number =>
        quantileOf(
          ours.map((_, round) => of(round)),
          0.5,
        )
      const figures = [
        { name: 'p50', of: (values: readonly number[]) => quantileOf(values, 0.5) },
        { name: 'p99', of: (values: readonly number[]) => quantileOf(values, 0.99) },
        { name: 'mean', of: meanOf },
      ]
      const common = { n: count, rounds, unit: 'ms', correct }
      for (const { name, of } of figures)
        results.push({
          bench: `${movement.name}, exact, ${name}`,
          ...common,
          ours: median((round) => of(ours[round]!)),
          peer: median((round) => of(plain[round]!)),
          peerName: 'a plain float scan of all accounts, not exact',
          ratio: median((round) => of(plain[round]!) / of(ours[round]!)),
        })
      results.push({
        bench: `${movement.name}, exact, mean`,
        ...common,
        ours: median((round) => meanOf(ours[round]!)),
        peer: median((round) => peers[round]!),
        peerName: `@aave/math-utils 1.38.0 formatReserves + formatUserSummary, by ${peerAccounts} accounts`,
        ratio: median((round) => peers[round]! / meanOf(ours[round]!)),
      })
    }
  }
  return results
}
