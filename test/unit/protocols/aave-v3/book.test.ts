import { describe, expect, test } from 'vitest'
import { InvariantError } from '../../../../core/errors.ts'
import type { Address } from '../../../../core/types/chain.ts'
import { bps, RAY, ray, sec, wad } from '../../../../core/units.ts'
import { createAaveV3Book } from '../../../../protocols/aave-v3/index.ts'
import {
  addressOf,
  aMarket,
  anAaveBook,
  anEmode,
  aReserve,
  aView,
  borrowed,
  enabled,
  NOW,
  supplied,
} from '../../../support/an-aave-book.ts'

const alice: Address = '0x00000000000000000000000000000000000a11ce'
const ETHER = 10n ** 18n
const [eth, usd] = [aReserve(0), aReserve(1)]
const market = aMarket([eth, usd])
const position = [supplied(alice, 0, ETHER), enabled(alice, 0), borrowed(alice, 1, 1_500n * ETHER)]
const at = (ethUsd: number) => aView({ [eth.aggregator]: ethUsd, [usd.aggregator]: 1 })
const crashed = at(1_800)
const index = (updatedSec: number, variableBorrowIndexRay: bigint) =>
  ({
    type: 'aave/index',
    reserve: usd.token.address,
    liquidityIndexRay: RAY,
    variableBorrowIndexRay: ray(variableBorrowIndexRay),
    liquidityRateRay: ray(0n),
    variableBorrowRateRay: ray(0n),
    updatedSec: sec(updatedSec),
  }) as const
const debtOf = (book: ReturnType<typeof anAaveBook>) => book.audited(alice, at(2_000))?.debtBase

describe('createAaveV3Book', () => {
  test('default: an account that fell below one is found, with what may be taken of it', () => {
    const book = anAaveBook(market, position)
    expect(book.screen(at(2_000))).toEqual([])
    expect(book.examine(alice, at(2_000))).toBeUndefined()
    expect(book.screen(crashed)).toEqual([alice])
    const opportunity = book.examine(alice, crashed)
    expect(opportunity).toMatchObject({
      protocol: 'aave-v3',
      position: `aave-v3:${alice}`,
      account: alice,
      healthFactorWad: wad(96n * 10n ** 16n),
      debtBase: 1_500n * 10n ** 8n,
      pairs: [
        { collateral: eth.token, debt: usd.token, maxRepayRaw: 750n * ETHER, bonusBps: 10_500 },
      ],
    })
  })

  test('behavior: collateral that is switched off, a paused reserve or a missing price leave nothing', () => {
    const off = anAaveBook(market, [...position, enabled(alice, 0, false)])
    expect(off.audited(alice, crashed)?.healthFactorWad).toBe(0n)
    expect(off.examine(alice, crashed)).toBeUndefined()
    const paused = anAaveBook(aMarket([{ ...eth, paused: true }, usd]), position)
    expect(paused.screen(crashed)).toEqual([alice])
    expect(paused.examine(alice, crashed)).toBeUndefined()
    const silent = aView({ [eth.aggregator]: 1_800 })
    expect(anAaveBook(market, position).screen(silent)).toEqual([])
    expect(anAaveBook(market, position).examine(alice, silent)).toBeUndefined()
  })

  test('behavior: stable debt is watched and never acted upon', () => {
    const book = anAaveBook(market, [
      ...position,
      { type: 'aave/stable-debt', reserve: usd.token.address, account: alice },
    ])
    expect([...book.accounts()]).toEqual([alice])
    expect(book.screen(crashed)).toEqual([])
    expect(book.examine(alice, crashed)).toBeUndefined()
    expect(book.audited(alice, crashed)).toBeUndefined()
  })

  test('behavior: a category lends its threshold, its bonus and its price', () => {
    const source = addressOf(0xfeed, 9)
    const inCategory = aMarket(
      [
        { ...eth, emodeCategory: 1 },
        { ...usd, emodeCategory: 1 },
      ],
      {
        emodes: [anEmode(1, { priceSource: source })],
      },
    )
    const book = anAaveBook(inCategory, [
      { type: 'aave/emode', account: alice, category: 1 },
      supplied(alice, 0, ETHER),
      enabled(alice, 0),
      borrowed(alice, 1, ETHER),
    ])
    const prices = { [eth.aggregator]: 1, [usd.aggregator]: 2 }
    const view = aView({ ...prices, [source]: 3 })
    expect(book.audited(alice, view)).toMatchObject({
      collateralBase: 3n * 10n ** 8n,
      debtBase: 3n * 10n ** 8n,
      healthFactorWad: 95n * 10n ** 16n,
    })
    expect(book.screen(view)).toEqual([alice])
    expect(book.examine(alice, view)?.pairs[0]?.bonusBps).toBe(10_100)
    // The source is asked for whoever is in the category, and its silence reverts.
    expect(book.audited(alice, aView(prices))).toBeUndefined()
  })

  test('behavior: an index older than the reading changes nothing, a newer one does', () => {
    const book = anAaveBook(market, [...position, index(NOW - 1, 2n * RAY)])
    expect(debtOf(book)).toBe(1_500n * 10n ** 8n)
    book.apply({
      type: 'history',
      fromBlock: 101,
      toBlock: 101,
      changes: [index(NOW, 3n * RAY)],
    })
    expect(debtOf(book)).toBe(4_500n * 10n ** 8n)
    // A later reading at an older block brings its configuration, not its indexes.
    const older = { ...usd, updatedSec: sec(NOW - 5), liquidationBonusBps: bps(10_700) }
    book.apply({ type: 'market', block: 100, market: aMarket([eth, older]) })
    expect(debtOf(book)).toBe(4_500n * 10n ** 8n)
  })

  test('behavior: acted upon only with known rules, no sentinel and the newest configuration', () => {
    const supported = (fields: Parameters<typeof aMarket>[1]) =>
      anAaveBook(aMarket([eth, usd], fields), position).supported
    expect([1, 2, 3, 4, 7, 11].filter((revision) => supported({ revision }))).toEqual([1, 2, 3])
    expect(supported({ sentinel: alice })).toBe(false)
    expect(createAaveV3Book().supported).toBe(false)
    const book = anAaveBook(market, [{ type: 'aave/config' }])
    expect(book.supported).toBe(true)
    book.apply({
      type: 'history',
      fromBlock: 101,
      toBlock: 101,
      changes: [{ type: 'aave/config' }],
    })
    expect(book.supported).toBe(false)
    book.apply({ type: 'market', block: 101, market })
    expect(book.supported).toBe(true)
  })

  test('behavior: another revision is screened, and not judged exactly', () => {
    const book = anAaveBook(aMarket([eth, usd], { revision: 5 }), position)
    expect(book.screen(crashed)).toEqual([alice])
    expect(book.examine(alice, crashed)).toBeUndefined()
  })

  test.each([
    { type: 'start', session: 'next', settings: {} } as const,
    { type: 'reorg', block: 99 } as const,
  ])('behavior: $type voids everything', (event) => {
    const book = anAaveBook(market, position)
    book.apply(event)
    expect([...book.accounts()]).toEqual([])
    expect(book.supported).toBe(false)
    expect(book.screen(crashed)).toEqual([])
    expect(book.aggregatorOf?.(eth.token.address)).toBeUndefined()
  })

  test('behavior: an emptied account is no longer one', () => {
    const book = anAaveBook(market, position)
    book.apply({
      type: 'history',
      fromBlock: 101,
      toBlock: 101,
      changes: [
        borrowed(alice, 1, -1_500n * ETHER),
        supplied(alice, 0, -ETHER),
        enabled(alice, 0, false),
      ],
    })
    expect([...book.accounts()]).toEqual([])
    expect(book.screen(crashed)).toEqual([])
  })

  test('behavior: tells which feed it reads for a token', () => {
    expect(anAaveBook(market).aggregatorOf?.(usd.token.address)).toBe(usd.aggregator)
    expect(anAaveBook(market).aggregatorOf?.(alice)).toBeUndefined()
  })

  test('error: InvariantError when an event is missing', () => {
    expect(() => anAaveBook(market, [supplied(alice, 0, -1n)])).toThrow(InvariantError)
  })
})
