import type { WritableBook } from '../../book/book.ts'
import { createBook } from '../../book/create-book.ts'
import type { Address, Head, PendingUpdate } from '../../core/types/chain.ts'
import type { Event } from '../../core/types/event.ts'
import { gas, ms, raw, sec } from '../../core/units.ts'
import type { World } from '../../strategies/strategy.ts'
import { aHead, T0 } from './a-book.ts'
import { anUpdate } from './a-bundle.ts'
import { aFeed } from './a-feed.ts'
import { aLender, type Borrower } from './a-lender.ts'
import { operatorsOf } from './a-market.ts'
import { aPool } from './a-pool.ts'
import { usdc, wbtc, weth } from './tokens.ts'

export const ethFeed: Address = '0x00000000000000000000000000000000000e7400'
export const btcFeed: Address = '0x000000000000000000000000000000000000b7c0'

const pools = [
  aPool(weth, usdc).feePips(500).priced(1_800).holding(20_000).build(),
  aPool(wbtc, weth).feePips(500).priced(16).holding(1_000).build(),
]

/** A book over the genuine tables: ether at 1,810 dollars and bitcoin at 28,900 by their feeds, deep pools, bob's keys. */
export interface LiquidatorWorld {
  readonly book: WritableBook
  readonly tell: (event: Event) => Event
  readonly world: (inFlight?: readonly string[]) => World
}

export const aLiquidatorWorld = (
  borrowers: readonly Borrower[],
  options: { readonly operators?: number; readonly supported?: boolean } = {},
): LiquidatorWorld => {
  const book = createBook({ protocols: [aLender(borrowers, options.supported ?? true)] })
  let seq = 0
  const tell = (event: Event): Event => {
    book.apply({ seq: seq++, atMs: T0 + 1_000, event })
    return event
  }
  const answer = (aggregator: Address, asset: string, usd: number) =>
    aFeed({ aggregator, asset, decimals: 8, answerRaw: raw(BigInt(usd) * 10n ** 8n) })
  tell({ type: 'start', session: 'test', settings: {} })
  tell({ type: 'operators', operators: operatorsOf(options.operators ?? 4) })
  tell({
    type: 'feeds',
    block: 99,
    feeds: [answer(ethFeed, 'ETH', 1_810), answer(btcFeed, 'BTC', 28_900)],
  })
  tell({ type: 'pools', pools: pools.map(({ key }) => key) })
  tell({
    type: 'history',
    fromBlock: 0,
    toBlock: 100,
    changes: pools.flatMap(({ changes }) => changes),
  })
  return {
    book,
    tell,
    world: (inFlight = []) => ({
      book,
      fair: new Map(),
      openGas: gas(0n),
      inFlight: new Set(inFlight),
      get pools() {
        return book.pools
      },
      get nextBlockSec() {
        return sec((book.head?.timestampSec ?? 0) + 12)
      },
    }),
  }
}

/** The head and each block after it. */
export const headAt = (number: number): Head =>
  aHead({
    number,
    hash: `0x${number.toString(16).padStart(64, '0')}`,
    parentHash: `0x${(number - 1).toString(16).padStart(64, '0')}`,
    timestampSec: sec(T0 / 1000 + 12 * (number - 100)),
  })

export const updateOf = (
  aggregator: Address,
  usd: number,
  fields: Partial<PendingUpdate> = {},
): PendingUpdate =>
  anUpdate({
    aggregator,
    answerRaw: raw(BigInt(usd) * 10n ** 8n),
    epochAndRound: 1_000_000,
    txHash: `0x${(BigInt(aggregator) * 1_000_000n + BigInt(usd)).toString(16).padStart(64, '0')}`,
    seenMs: ms(T0),
    ...fields,
  })
