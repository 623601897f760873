import type { ProtocolBook } from '../protocols/protocol.ts'
import { anAaveBook, changesIn } from '../test/support/an-aave-book.ts'
import { type GoldenMarket, goldenView, readGolden } from '../test/support/golden-health.ts'
import { createHealthPeer } from './health-peer.ts'
import type { BenchResult } from './result.ts'

const rounds = 9
/** Ours is so much faster that one pass over the accounts is too short to time. */
const passes = 50

/** Every account at a view of its own, as after a tick: indexes and prices are projected anew. */
const evaluate = (book: ProtocolBook, golden: GoldenMarket): number => {
  const view = goldenView(golden)
  let below = 0
  for (const { address } of golden.accounts) {
    if (book.audited(address, view)!.healthFactorWad < 10n ** 18n) below += 1
  }
  return below
}

/** True when the book says of every account, to the wei, what the genuine pool said. */
const isExact = (book: ProtocolBook, golden: GoldenMarket): boolean => {
  const view = goldenView(golden)
  return golden.accounts.every(({ address, collateralBase, debtBase, healthFactorWad }) => {
    const audited = book.audited(address, view)
    return (
      audited?.collateralBase === collateralBase &&
      audited.debtBase === debtBase &&
      audited.healthFactorWad === healthFactorWad
    )
  })
}

/** True when the peer was given the same accounts: outside e-mode, and but for dust, it comes within a thousandth. */
const isSameWork = (golden: GoldenMarket, factors: readonly number[]): boolean =>
  golden.accounts.every(({ category, debtBase, healthFactorWad }, n) => {
    const expected = Number(healthFactorWad) / 1e18
    const isDust = debtBase < 10n ** 8n
    return category !== 0 || isDust || Math.abs(factors[n]! - expected) <= expected / 1_000
  })

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Measures health factors a second, exact to the wei, beside `@aave/math-utils` on the same genuine accounts. */
export const benchHealth = async (): Promise<BenchResult> => {
  const worlds = readGolden().map((golden) => ({
    golden,
    book: anAaveBook(golden.market, changesIn(golden.market, golden.accounts)),
    peer: createHealthPeer(golden),
  }))
  const n = worlds.reduce((sum, { golden }) => sum + golden.accounts.length, 0)
  const ours: number[] = []
  const peers: number[] = []
  const ratios: number[] = []
  let correct = worlds.every(({ book, golden }) => isExact(book, golden))
  let below = 0

  const perSecond = (work: () => void, times: number): number => {
    const startMs = performance.now()
    for (let pass = 0; pass < times; pass++) work()
    return (n * times * 1_000) / (performance.now() - startMs)
  }
  const measureOurs = (): number =>
    perSecond(() => {
      for (const { book, golden } of worlds) below += evaluate(book, golden)
    }, passes)
  const measurePeer = (): number =>
    perSecond(() => {
      for (const { golden, peer } of worlds)
        correct = isSameWork(golden, peer.evaluate()) && correct
    }, 1)

  measureOurs()
  measurePeer()
  for (let round = 0; round < rounds; round++) {
    const [own, other] = [measureOurs(), measurePeer()]
    ours.push(own)
    peers.push(other)
    ratios.push(own / other)
  }
  return {
    bench: 'health factors, equal to the contract to the wei',
    n,
    rounds,
    ours: medianOf(ours),
    peer: medianOf(peers),
    peerName: '@aave/math-utils 1.38.0 formatReserves + formatUserSummary',
    unit: 'positions/s',
    ratio: medianOf(ratios),
    correct: correct && below > 0,
  }
}
