import type { Address } from '../core/types/chain.ts'
import { WAD } from '../core/units.ts'
import type { PriceView } from '../protocols/protocol.ts'
import { anAaveBook } from '../test/support/an-aave-book.ts'
import { randomAaveBook } from '../test/support/random-aave-book.ts'
import type { BenchResult } from './result.ts'

const wholeCount = 100_000
const rounds = 9
const seed = 20_231_031

/** The same prices under another name: books keep what they projected for the view they were asked last. */
const afresh = ({ timestampSec, priceOf }: PriceView): PriceView => ({ timestampSec, priceOf })

const timedMs = (work: () => void): number => {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Measures how long one tick takes to narrow a book down to what may be liquidatable, beside the exact rules over all of it. */
export const benchScreen = async (count: number = wholeCount): Promise<BenchResult> => {
  const { market, view, changes } = randomAaveBook(seed, { count, ordinary: true, calm: true })
  const book = anAaveBook(market, changes)
  const accounts = [...book.accounts()]
  let screened: readonly Address[] = []
  let below: readonly Address[] = []
  const screen = (): void => {
    screened = book.screen(afresh(view))
  }
  const judgeAll = (): void => {
    const tick = afresh(view)
    below = accounts.filter(
      (account) => (book.audited(account, tick)?.healthFactorWad ?? WAD) < WAD,
    )
  }
  screen()
  judgeAll()
  const ours: number[] = []
  const peers: number[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(timedMs(screen))
    peers.push(timedMs(judgeAll))
  }
  const found = new Set(screened)
  return {
    bench: 'float screen of a book after a tick, none missed',
    n: accounts.length,
    rounds,
    ours: medianOf(ours),
    peer: medianOf(peers),
    peerName: 'our exact rules over every account',
    unit: 'ms',
    ratio: medianOf(peers.map((peer, round) => peer / ours[round]!)),
    correct: below.length > 0 && below.every((account) => found.has(account)),
  }
}
