import { isDeepStrictEqual } from 'node:util'
import type { Address } from '../../core/types/chain.ts'
import { type Sec, sec } from '../../core/units.ts'
import type { MorphoFollower } from './morpho-follower.ts'
import type { MorphoLab } from './morpho-lab.ts'
import { probe } from './morpho-trials.ts'
import type { Seeded } from './seeded.ts'

/** What was held against the chain, and what of it differed: nothing when books are equal to the wei. */
export interface Comparison {
  readonly checks: number
  readonly mismatches: readonly unknown[]
}

export const sumOf = (all: readonly Comparison[]): Comparison => ({
  checks: all.reduce((total, { checks }) => total + checks, 0),
  mismatches: all.flatMap(({ mismatches }) => mismatches),
})

/** Moves every price by a factor between the two, with digits to the end. */
export const movePrices = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  random: Seeded,
  low: number,
  high: number,
): Promise<void> => {
  for (const market of lab.markets) {
    const factor = BigInt(Math.round(random.between(low, high) * 1e6))
    const priceRaw = (market.startPriceRaw * factor) / 1_000_000n + BigInt(random.below(1e9))
    await follower.setPrice(market, priceRaw)
  }
}

/** Compares totals, rate and fee of every market, and every position in it, with the chain at the head; positions are counted. */
export const compareBooks = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  accounts: readonly Address[],
): Promise<Comparison> => {
  let checks = 0
  const mismatches: unknown[] = []
  for (const market of lab.markets) {
    const chain = await follower.readChain(market, accounts)
    const book = follower.bookOf(market)
    // Without a rate model the time of the last update moves untold, and matters to nothing.
    const isTold = BigInt(market.params.irm) !== 0n
    const { updatedSec } = isTold ? chain.state : book.state()
    const state = { ...chain.state, updatedSec }
    if (!isDeepStrictEqual(book.state(), state))
      mismatches.push({ chain: state, book: book.state() })
    for (const { authorized: _, ...position } of chain.positions) {
      const { account, borrowSharesRaw, collateralRaw } = position
      const mine = book.position(account)
      const same = mine?.borrowSharesRaw === borrowSharesRaw && mine.collateralRaw === collateralRaw
      if (!same) mismatches.push({ chain: position, book: mine })
      checks += 1
    }
    const held = chain.positions.filter(
      ({ borrowSharesRaw, collateralRaw }) => borrowSharesRaw > 0n || collateralRaw > 0n,
    )
    if ([...book.accounts()].length !== held.length) mismatches.push({ accounts: held.length })
  }
  return { checks, mismatches }
}

/** How many of the accounts the contract would not let anyone liquidate, and how many it would. */
export interface Verdicts extends Comparison {
  readonly refused: number
  readonly taken: number
}

/** Asks the contract of every account what it would do at a time, and holds the book to it: verdict, amounts and screen. */
export const compareVerdicts = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  random: Seeded,
  timestampSec: Sec,
): Promise<Verdicts> => {
  let [refused, taken] = [0, 0]
  const mismatches: unknown[] = []
  for (const market of lab.markets) {
    const screened = new Set(follower.bookOf(market).screen(follower.view(sec(timestampSec))))
    for (const account of follower.bookOf(market).accounts()) {
      const part = BigInt(random.pick([1_000, 1_000, 1 + random.below(1_000)]))
      const { book, chain } = await probe(lab, follower, market, account, timestampSec, part)
      if (book !== chain) mismatches.push({ market: market.id, account, book, chain })
      if (chain === 'refused') refused += 1
      else {
        taken += 1
        if (!screened.has(account)) mismatches.push({ market: market.id, account, screened: false })
      }
    }
  }
  return { checks: refused + taken, mismatches, refused, taken }
}
