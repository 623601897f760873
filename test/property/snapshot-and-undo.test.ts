import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Change } from '../../core/types/change.ts'
import type { Event } from '../../core/types/event.ts'
import { createUndoLog } from '../../core/undo-log.ts'
import { raw } from '../../core/units.ts'
import { createAaveV3Book } from '../../protocols/aave-v3/index.ts'
import { createMorphoBlueBook } from '../../protocols/morpho-blue/index.ts'
import type { ProtocolBook } from '../../protocols/protocol.ts'
import { createPoolTable } from '../../venues/uniswap-v3/pools.ts'
import { headAt } from '../support/a-liquidator-world.ts'
import { aPool } from '../support/a-pool.ts'
import { randomAaveBook } from '../support/random-aave-book.ts'
import { randomMorpho } from '../support/random-morpho-book.ts'
import { usdc, weth } from '../support/tokens.ts'

type Kept = Pick<ProtocolBook, 'apply' | 'snapshot'>

const history = (changes: readonly Change[]): Event => ({
  type: 'history',
  fromBlock: 0,
  toBlock: 100,
  changes,
})

const blockAt = (number: number, changes: readonly Change[]): Event => ({
  type: 'block',
  head: headAt(number),
  changes,
})

const heldBy = (kept: Kept): readonly Change[] => [...kept.snapshot()]

/** What a new book holds after a snapshot of one. */
const restored = (kept: Kept, begin: () => Kept): readonly Change[] => {
  const fresh = begin()
  fresh.apply(history(heldBy(kept)))
  return heldBy(fresh)
}

/** Half of the changes as history, the rest in blocks, of which some are undone and told otherwise. */
const throughReorgs = (begin: () => Kept, changes: readonly Change[], cuts: readonly number[]) => {
  const half = Math.floor(changes.length / 2)
  const kept = begin()
  kept.apply(history(changes.slice(0, half)))
  const held = [heldBy(kept)]
  const rest = changes.slice(half)
  const size = Math.max(1, Math.ceil(rest.length / 8))
  const blocks = Array.from({ length: 8 }, (_, n) => rest.slice(n * size, (n + 1) * size))
  for (const [n, told] of blocks.entries()) {
    kept.apply(blockAt(101 + n, told))
    held.push(heldBy(kept))
  }
  for (const cut of cuts) {
    kept.apply({ type: 'reorg', block: 101 + cut, keepsPast: true })
    expect(heldBy(kept)).toEqual(held[cut])
    for (let n = cut; n < 8; n++) kept.apply(blockAt(101 + n, blocks[n]!))
    expect(heldBy(kept)).toEqual(held[8])
  }
}

const someCuts = fc.array(fc.nat(7), { minLength: 1, maxLength: 4 })

describe('an Aave book', () => {
  const some = fc.integer({ min: 1, max: 1e9 }).map((seed) => randomAaveBook(seed, { count: 12 }))
  const withMarket =
    ({ market }: ReturnType<typeof randomAaveBook>) =>
    (): Kept => {
      const book = createAaveV3Book()
      book.apply({ type: 'market', block: 1, market })
      return book
    }

  test('is restored by its snapshot, and judges everyone as before', () => {
    fc.assert(
      fc.property(some, (random) => {
        const book = createAaveV3Book()
        book.apply({ type: 'market', block: 1, market: random.market })
        book.apply(history(random.changes))
        expect(restored(book, withMarket(random))).toEqual(heldBy(book))
        const again = createAaveV3Book()
        again.apply({ type: 'market', block: 1, market: random.market })
        again.apply(history(heldBy(book)))
        for (const account of book.accounts())
          expect(again.audited(account, random.view)).toEqual(book.audited(account, random.view))
      }),
      { numRuns: 40 },
    )
  })

  test('undoes its blocks to what it was before them, in the same order', () => {
    fc.assert(
      fc.property(some, someCuts, (random, cuts) =>
        throughReorgs(withMarket(random), random.changes, cuts),
      ),
      { numRuns: 40 },
    )
  })
})

describe('a pool table', () => {
  const somePool = fc
    .record({
      price: fc.double({ min: 500, max: 5_000, noNaN: true }),
      holding: fc.integer({ min: 1, max: 50_000 }),
      ranges: fc.array(
        fc.tuple(
          fc.double({ min: 0.5, max: 1.2, noNaN: true }),
          fc.double({ min: 1.21, max: 2, noNaN: true }),
          fc.bigInt({ min: 1n, max: 10n ** 18n }),
        ),
        { maxLength: 12 },
      ),
    })
    .map(({ price, holding, ranges }) =>
      ranges
        .reduce(
          (pool, [low, high, liquidity]) => pool.withRange(price * low, price * high, liquidity),
          aPool(weth, usdc).priced(price).holding(holding),
        )
        .build(),
    )
  const withKeys =
    ({ key }: ReturnType<ReturnType<typeof aPool>['build']>) =>
    () => {
      const table = createPoolTable()
      table.apply({ type: 'pools', pools: [key] })
      return table
    }
  const quotesOf = (table: ReturnType<typeof createPoolTable>, pool: `0x${string}`) =>
    [10n ** 6n, 10n ** 12n, 10n ** 18n, 10n ** 21n].flatMap((amount) =>
      [true, false].map(
        (zeroForOne) =>
          table.pools.quoteExactInput({ pool, zeroForOne }, amount as never)?.amountRaw,
      ),
    )

  test('is restored by its snapshot: every quote is the same', () => {
    fc.assert(
      fc.property(somePool, (story) => {
        const begin = withKeys(story)
        const table = begin()
        table.apply(history(story.changes))
        const again = begin()
        again.apply(history(heldBy(table)))
        expect(heldBy(again)).toEqual(heldBy(table))
        expect(quotesOf(again, story.key.address)).toEqual(quotesOf(table, story.key.address))
        expect(quotesOf(again, story.key.address).some((quote) => quote !== undefined)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('with a log missing it is restored as broken as it was', () => {
    const story = aPool(weth, usdc)
      .priced(1_800)
      .holding(100)
      .withRange(1_700, 1_900, 10n ** 15n)
    const { key, changes } = story.build()
    const begin = withKeys({ key, changes })
    const table = begin()
    const [price, ...ranges] = changes
    const told = { ...price!, liquidity: 10n ** 15n * 7n } as Change
    table.apply(history([...ranges, told]))
    const hop = { pool: key.address, zeroForOne: true }
    expect(table.pools.marginalRate(hop)).toBeUndefined()
    const again = begin()
    again.apply(history(heldBy(table)))
    expect(again.pools.marginalRate(hop)).toBeUndefined()
  })

  test('undoes its blocks', () => {
    fc.assert(
      fc.property(somePool, someCuts, (story, cuts) =>
        throughReorgs(withKeys(story), story.changes, cuts),
      ),
      { numRuns: 60 },
    )
  })
})

describe('a Morpho book', () => {
  /** What is owed in all is what accounts owe, as the contract has it. */
  const some = fc.integer({ min: 1, max: 1e9 }).map((seed) => {
    const random = randomMorpho(seed, 12)
    const { state } = random.market
    const owed = random.positions.reduce((sum, { borrowSharesRaw }) => sum + borrowSharesRaw, 0n)
    const borrow = { ...state.borrow, sharesRaw: raw(owed) }
    return { ...random, market: { ...random.market, state: { ...state, borrow } } }
  })
  const bookOf = ({ market }: ReturnType<typeof randomMorpho>) => {
    const book = createMorphoBlueBook(market.id)
    book.apply({ type: 'morpho-market', block: 50, market })
    return book
  }
  const changesOf = (random: ReturnType<typeof randomMorpho>): readonly Change[] =>
    heldBy(bookOf(random))
  const begin = (random: ReturnType<typeof randomMorpho>) => () => {
    const { positions: _, ...market } = random.market
    const book = createMorphoBlueBook(market.id)
    book.apply({ type: 'morpho-market', block: 1, market })
    return book
  }

  test('is restored by its snapshot, and judges everyone as before', () => {
    fc.assert(
      fc.property(some, (random) => {
        const book = bookOf(random)
        const again = begin(random)()
        again.apply(history(heldBy(book)))
        expect(heldBy(again)).toEqual(heldBy(book))
        expect(again.state()).toEqual(book.state())
        for (const account of book.accounts())
          expect(again.audited(account, random.view)).toEqual(book.audited(account, random.view))
      }),
      { numRuns: 40 },
    )
  })

  test('undoes its blocks', () => {
    fc.assert(
      fc.property(some, someCuts, (random, cuts) =>
        throughReorgs(begin(random), changesOf(random), cuts),
      ),
      { numRuns: 40 },
    )
  })
})

describe('createUndoLog', () => {
  test('keeps as many blocks as it is told, and refuses to go back farther', () => {
    const log = createUndoLog(3)
    const done: number[] = []
    for (const block of [10, 11, 12, 13, 14]) {
      log.begin(block)
      log.note(() => done.push(block))
    }
    expect(() => log.rewind(11)).toThrowError(/block 11 is to be undone and 12 is the first/)
    log.rewind(13)
    expect(done).toEqual([14, 13])
    log.rewind(15)
    log.clear()
    log.note(() => done.push(0))
    log.rewind(1)
    expect(done).toEqual([14, 13])
  })
})
