import { describe, expect, test } from 'vitest'
import { InvariantError } from '../../../../core/errors.ts'
import type { MorphoChange } from '../../../../core/types/change.ts'
import { raw, sec, WAD, wad } from '../../../../core/units.ts'
import { createMorphoBlueBook } from '../../../../protocols/morpho-blue/index.ts'
import {
  aHead,
  alice,
  aMorphoBook,
  aMorphoMarket,
  anOracle,
  aPosition,
  aState,
  aView,
  bob,
  contract,
  feed,
  mallory,
  marketId,
  NOW,
  otherId,
  PAR,
  preFeed,
  totals,
} from '../../../support/a-morpho-book.ts'

/** 1e9 of the collateral against 790,000,000 borrowed, a million shares each: healthy at par, at a threshold of 80 %. */
const position = aPosition(alice, 790_000_000n * 1_000_000n, 1_000_000_000n)
const market = aMorphoMarket({ positions: [position] })
const id = `morpho-blue:${marketId}`
const at = (percent: bigint, timestampSec = NOW) =>
  aView({ [feed]: (PAR * percent) / 100n, [preFeed]: (PAR * percent) / 100n }, timestampSec)

describe('examine', () => {
  test('default: a healthy account is left alone, one below its threshold is not', () => {
    const book = aMorphoBook(market)
    expect(book.examine(alice, at(100n))).toBeUndefined()
    expect(book.screen(at(100n))).toEqual([])
    expect(book.screen(at(98n))).toEqual([alice])
    const found = book.examine(alice, at(98n))!
    expect(found).toMatchObject({
      protocol: id,
      position: `${id}:${alice}`,
      account: alice,
      healthFactorWad: (784_000_000n * WAD) / 790_000_000n,
      // The loan token has six decimals, the base eight.
      debtBase: 790_000_000n * 100n,
    })
    expect(found.pairs).toHaveLength(1)
    expect(found.pairs[0]).toMatchObject({
      collateral: { symbol: 'C' },
      debt: { symbol: 'USDC' },
      maxRepayRaw: 790_000_000n,
      bonusBps: 10_638,
    })
  })

  test('behavior: interest to the time of the view is counted', () => {
    const book = aMorphoBook(market)
    expect(book.examine(alice, at(100n, NOW + 12))).toBeUndefined()
    expect(book.examine(alice, at(100n, NOW + 200 * 86_400))).toBeDefined()
  })

  test('behavior: all of the debt is repaid by its shares where the collateral pays for it', () => {
    const [pair] = aMorphoBook(market).examine(alice, at(98n))!.pairs
    const call = pair!.callOf!(raw(10n ** 30n))!
    expect(call).toMatchObject({
      kind: 'liquidate',
      target: market.morpho,
      seizeRaw: 0n,
      repaySharesRaw: position.borrowSharesRaw,
      callback: true,
      market: { loanToken: market.loan.address, lltvWad: market.lltvWad },
    })
    const half = pair!.callOf!(raw(395_000_000n))!
    expect(half.seizeRaw).toBe(0n)
    expect(pair!.seizeOf(raw(395_000_000n)).repayRaw).toBe(395_000_000n)
    expect(pair!.callOf!(raw(0n))).toBeUndefined()
    expect(pair!.seizeOf(raw(0n))).toEqual({ repayRaw: 0n, seizeRaw: 0n })
  })

  test('behavior: under water all of the collateral is asked for, never more', () => {
    const [pair] = aMorphoBook(market).examine(alice, at(60n))!.pairs
    expect(pair!.callOf!(pair!.maxRepayRaw)).toMatchObject({
      seizeRaw: position.collateralRaw,
      repaySharesRaw: 0n,
    })
    expect(pair!.seizeOf(pair!.maxRepayRaw)).toMatchObject({
      repayRaw: pair!.maxRepayRaw,
      seizeRaw: position.collateralRaw,
    })
    expect(pair!.maxRepayRaw).toBeLessThan(790_000_000n)
  })

  test('behavior: without an answer, and at a price of zero, there is nothing to do', () => {
    const book = aMorphoBook(market)
    expect(book.screen(aView({}))).toEqual([])
    expect(book.examine(alice, aView({}))).toBeUndefined()
    expect(book.audited(alice, aView({}))).toBeUndefined()
    expect(book.examine(alice, aView({ [feed]: -1n }))).toBeUndefined()
    expect(book.screen(aView({ [feed]: 0n }))).toEqual([alice])
    expect(book.examine(alice, aView({ [feed]: 0n }))).toBeUndefined()
    const { answerOf: _, ...without } = at(60n)
    expect(book.examine(alice, without)).toBeUndefined()
  })

  test('behavior: the audited amounts are in units of the loan', () => {
    expect(aMorphoBook(market).audited(alice, at(98n))).toEqual({
      account: alice,
      collateralBase: 980_000_000n,
      debtBase: 790_000_000n,
      healthFactorWad: (784_000_000n * WAD) / 790_000_000n,
    })
  })
})

describe('what the book follows', () => {
  test('default: a liquidation takes shares, collateral and the bad debt of both sides', () => {
    const book = aMorphoBook(market, [
      {
        type: 'morpho/liquidation',
        market: marketId,
        account: alice,
        repaidRaw: raw(500_000_000n),
        repaidSharesRaw: raw(500_000_000n * 1_000_000n),
        seizedRaw: raw(1_000_000_000n),
        badDebtRaw: raw(290_000_000n),
        badDebtSharesRaw: raw(290_000_000n * 1_000_000n),
        liquidator: bob,
        txHash: '0x',
      },
    ])
    expect(book.position(alice)).toMatchObject({ borrowSharesRaw: 0n, collateralRaw: 0n })
    expect([...book.accounts()]).toEqual([])
    expect(book.state()).toMatchObject({
      supply: totals(10n ** 12n - 290_000_000n, 10n ** 18n),
      borrow: totals(9n * 10n ** 11n - 790_000_000n, 9n * 10n ** 17n - 790n * 10n ** 12n),
    })
  })

  test('behavior: a repayment of one more than all leaves nothing, not less', () => {
    const small = aMorphoMarket({
      state: aState({ borrow: totals(5n, 5_000_000n) }),
      positions: [],
    })
    const change = (assets: bigint, shares: bigint): MorphoChange => ({
      type: 'morpho/borrow',
      market: marketId,
      account: alice,
      assetsRaw: raw(assets),
      sharesRaw: raw(shares),
    })
    const book = aMorphoBook(small, [change(1n, 1_000_000n), change(-7n, -1_000_000n)])
    expect(book.state().borrow).toEqual(totals(0n, 5_000_000n))
  })

  test('behavior: changes of other markets are not its own', () => {
    const book = aMorphoBook(market, [{ type: 'morpho/fee', market: otherId, feeWad: WAD }])
    expect(book.state().feeWad).toBe(0n)
    book.apply({ type: 'morpho-market', block: 111, market: { ...market, id: otherId } })
    expect(book.supported).toBe(true)
    expect(book.id).toBe(id)
  })

  test('behavior: from logs alone it knows what the reading of a market without positions does not tell', () => {
    const { positions: _, ...read } = market
    const book = createMorphoBlueBook(marketId)
    book.apply({ type: 'morpho-market', block: 100, market: read })
    expect(book.supported).toBe(false)
    book.apply({
      type: 'history',
      fromBlock: 1,
      toBlock: 100,
      changes: [
        { type: 'morpho/created', market: marketId, updatedSec: sec(NOW - 10) },
        { type: 'morpho/rate', market: marketId, rateAtTargetWad: wad(7n) },
        {
          type: 'morpho/collateral',
          market: marketId,
          account: mallory,
          deltaRaw: raw(5n),
        },
      ],
    })
    expect(book.supported).toBe(true)
    expect(book.state()).toMatchObject({ rateAtTargetWad: 7n, updatedSec: NOW - 10 })
    expect([...book.accounts()]).toEqual([mallory])
    book.apply({ type: 'morpho-market', block: 101, market: read })
    expect([...book.accounts()]).toEqual([mallory])
  })

  test('behavior: the past before a reading with positions is left out, and neither does an older reading undo a block', () => {
    const book = aMorphoBook(market)
    const fee = (feeWad: bigint): MorphoChange => ({
      type: 'morpho/fee',
      market: marketId,
      feeWad: wad(feeWad),
    })
    book.apply({ type: 'history', fromBlock: 90, toBlock: 100, changes: [fee(1n)] })
    expect(book.state().feeWad).toBe(0n)
    book.apply({ type: 'block', head: aHead(111), changes: [fee(2n)] })
    book.apply({ type: 'morpho-market', block: 110, market })
    expect(book.state().feeWad).toBe(2n)
    book.apply({ type: 'morpho-market', block: 111, market })
    expect(book.state().feeWad).toBe(0n)
    expect(() =>
      book.apply({ type: 'history', fromBlock: 105, toBlock: 120, changes: [] }),
    ).toThrow(InvariantError)
  })

  test('behavior: a reorg voids everything', () => {
    const book = aMorphoBook(market)
    book.apply({ type: 'reorg', block: 105 })
    expect(book.supported).toBe(false)
    expect([...book.accounts()]).toEqual([])
    expect(book.screen(at(60n))).toEqual([])
    expect(book.aggregatorOf!(market.collateral.address)).toBeUndefined()
  })

  test('error: an amount that would fall below zero is a missing event', () => {
    const withdrawn: MorphoChange = {
      type: 'morpho/collateral',
      market: marketId,
      account: alice,
      deltaRaw: raw(-2_000_000_000n),
    }
    expect(() => aMorphoBook(market, [withdrawn])).toThrow(InvariantError)
    const supplied: MorphoChange = {
      type: 'morpho/supply',
      market: marketId,
      assetsRaw: raw(-2n * 10n ** 12n),
      sharesRaw: raw(0n),
    }
    expect(() => aMorphoBook(market, [supplied])).toThrow(InvariantError)
  })
})

describe('supported', () => {
  test('behavior: an oracle or a rate model that is not understood is only watched', () => {
    const oracle = { kind: 'unknown', address: feed } as const
    const blind = aMorphoBook(aMorphoMarket({ oracle, positions: [position] }))
    expect(blind.supported).toBe(false)
    expect(blind.examine(alice, at(60n))).toBeUndefined()
    expect(blind.aggregatorOf!(market.collateral.address)).toBeUndefined()
    expect(aMorphoBook(aMorphoMarket({ rateModel: 'unknown' })).supported).toBe(false)
  })

  test('behavior: a pre-liquidation contract made after the reading asks for the next', () => {
    const made: MorphoChange = {
      type: 'morpho/pre-liquidation',
      market: marketId,
      preLiquidation: contract,
    }
    const book = aMorphoBook(market, [made])
    expect(book.supported).toBe(false)
    book.apply({ type: 'morpho-market', block: 110, market })
    expect(book.supported).toBe(true)
  })

  test('behavior: it tells the first feed of either side', () => {
    const book = aMorphoBook(
      aMorphoMarket({
        oracle: { ...anOracle(feed), quote: { vaultAssetsRaw: raw(1n), feeds: [preFeed] } },
      }),
    )
    expect(book.aggregatorOf!(market.collateral.address)).toBe(feed)
    expect(book.aggregatorOf!(market.loan.address)).toBe(preFeed)
    expect(book.aggregatorOf!(mallory)).toBeUndefined()
  })
})
