import { describe, expect, test } from 'vitest'
import type { WritableBook } from '../../../book/book.ts'
import { createBook } from '../../../book/create-book.ts'
import { InvariantError } from '../../../core/errors.ts'
import type { Address, Hex, PendingUpdate } from '../../../core/types/chain.ts'
import type { FeedChange } from '../../../core/types/change.ts'
import type { Event } from '../../../core/types/event.ts'
import { gas, ms, raw, sec, wei } from '../../../core/units.ts'
import { aHead, aTick } from '../../support/a-book.ts'
import { aFeed, aggregator, transmitter } from '../../support/a-feed.ts'

const hashOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const headAt = (number: number) =>
  aHead({
    number,
    hash: hashOf(number),
    parentHash: hashOf(number - 1),
    timestampSec: sec(1_700_000_000 + 12 * number),
  })
const block = (number: number, changes: readonly FeedChange[] = []): Event => ({
  type: 'block',
  head: headAt(number),
  changes,
})
const answer = (epochAndRound: number, fields: Partial<FeedChange> = {}): FeedChange => ({
  type: 'feed/answer',
  aggregator,
  answerRaw: raw(1_900_00000000n),
  roundId: 8,
  epochAndRound,
  updatedSec: sec(1_700_001_212),
  txHash: hashOf(0xdead),
  txIndex: 0,
  ...fields,
})
const pending = (epochAndRound: number, tx = 1): Event & { readonly update: PendingUpdate } => ({
  type: 'pending-update',
  update: {
    aggregator,
    txHash: hashOf(tx),
    rawTx: '0x02',
    from: transmitter,
    answerRaw: raw(1_800_00000000n),
    epochAndRound,
    gasLimit: gas(500_000n),
    maxFeePerGasWei: wei(10n ** 11n),
    seenMs: ms(0),
  },
})

const alice: Address = '0x00000000000000000000000000000000000a11ce'
const alma: Address = '0x00000000000000000000000000000000000a1aaa'
const audited = (compared: readonly Address[], different: readonly Address[]): Event => ({
  type: 'audit',
  block: 100,
  compared,
  mismatches: different.map((account) => ({ account, text: `${account} differs` })),
})

const aSyncedBook = (...events: readonly Event[]) => {
  const book = createBook({ protocols: [] })
  let seq = 0
  const apply = (event: Event): void => book.apply({ seq: seq++, atMs: 1_000 + seq, event })
  apply({ type: 'start', session: 'one', settings: {} })
  apply({ type: 'feeds', block: 100, feeds: [aFeed()] })
  apply({ type: 'synced', head: headAt(100) })
  for (const event of events) apply(event)
  return { book, apply }
}
const answerIn = (book: WritableBook) => book.feeds.get(aggregator)?.answerRaw
const pendingIn = (book: WritableBook) => [...book.pending.keys()]

describe('createBook', () => {
  test('default: stands on the head, at the time of the last entry', () => {
    const { book } = aSyncedBook(block(101))
    expect(book.head).toEqual(headAt(101))
    expect(book.nowMs).toBe(1_004)
    book.apply({ seq: 9, atMs: 5_000, fact: { type: 'refusal', position: 'x', reason: 'dust' } })
    expect(book.nowMs).toBe(5_000)
  })

  test('behavior: an answer moves its feed, an older one does not', () => {
    const { book, apply } = aSyncedBook(block(101, [answer(0x101)]))
    expect(answerIn(book)).toBe(1_900_00000000n)
    apply({ type: 'feeds', block: 90, feeds: [aFeed({ heartbeatSec: sec(60) })] })
    expect(answerIn(book)).toBe(1_900_00000000n)
    expect(book.feeds.get(aggregator)?.heartbeatSec).toBe(60)
    const past = answer(0x90, { updatedSec: sec(1_600_000_000), answerRaw: raw(1n) })
    apply({ type: 'history', fromBlock: 1, toBlock: 2, changes: [past] })
    expect(answerIn(book)).toBe(1_900_00000000n)
  })

  test.each([
    ['mined', [answer(0x101, { txHash: hashOf(1) })]],
    ['superseded by a later report', [answer(0x102)]],
  ])('behavior: a pending update is dropped when it is %s', (_, changes) => {
    const { book, apply } = aSyncedBook(pending(0x101))
    expect(pendingIn(book)).toEqual([hashOf(1)])
    apply(block(101, changes))
    expect(pendingIn(book)).toEqual([])
  })

  test('behavior: a pending update outlives an earlier report and five blocks, not a sixth', () => {
    const { book, apply } = aSyncedBook(pending(0x105), block(101, [answer(0x101)]))
    for (let number = 102; number < 106; number++) apply(block(number))
    expect(pendingIn(book)).toEqual([hashOf(1)])
    apply(block(106))
    expect(pendingIn(book)).toEqual([])
  })

  test('behavior: a pending update that is late already is not taken', () => {
    const { book } = aSyncedBook(pending(0x100))
    expect(pendingIn(book)).toEqual([])
  })

  test('behavior: a view has eight decimals, and the pending answers where they are given', () => {
    const fine = aFeed({ aggregator: '0xaa', decimals: 18, answerRaw: raw(3n * 10n ** 18n + 1n) })
    const none = aFeed({ aggregator: '0xbb', answerRaw: raw(0n) })
    const { book } = aSyncedBook({ type: 'feeds', block: 100, feeds: [fine, none] })
    const view = book.view(sec(7))
    expect(view.timestampSec).toBe(7)
    expect([aggregator, '0xaa', '0xbb', '0xcc'].map((key) => view.priceOf(key as Hex))).toEqual([
      2_000_00000000n,
      3_00000000n,
      undefined,
      undefined,
    ])
    const what = book.view(sec(7), new Map([[aggregator, raw(1_800_00000000n)]]))
    expect(what.priceOf(aggregator)).toBe(1_800_00000000n)
    expect(what.priceOf('0xaa')).toBe(3_00000000n)
  })

  test('behavior: a reorg voids what the chain said, a start everything', () => {
    const { book, apply } = aSyncedBook(
      { type: 'ticks', ticks: [aTick('binance', 'ETH/USDT', 2_000)] },
      {
        type: 'operators',
        operators: [{ address: transmitter, nonce: 3, balanceWei: wei(1n) }],
      },
      audited([alice, alma], [alice]),
      pending(0x101),
    )
    expect(book.ticks.get('binance:ETH/USDT')?.pair).toBe('ETH/USDT')
    expect(book.auditMismatches).toEqual([`${alice} differs`])
    apply({ type: 'reorg', block: 100 })
    expect(book.head).toBeUndefined()
    expect([book.feeds.size, book.pending.size, book.auditMismatches.length]).toEqual([0, 0, 1])
    expect([book.ticks.size, book.operators.length]).toEqual([1, 1])
    apply({ type: 'start', session: 'two', settings: {} })
    expect([book.ticks.size, book.operators.length]).toEqual([0, 0])
    expect(book.auditMismatches).toEqual([])
  })

  test('behavior: a mismatch stands until that account is found equal, or is no more', () => {
    const { book, apply } = aSyncedBook(audited([alice, alma], [alice, alma]))
    apply(audited([alma], []))
    expect(book.auditMismatches).toEqual([`${alice} differs`])
    apply({ type: 'reorg', block: 100 })
    expect(book.auditMismatches).toEqual([`${alice} differs`])
    apply({ type: 'synced', head: aHead() })
    expect(book.auditMismatches).toEqual([])
  })

  test('error: InvariantError for a block that is no child of the head, or before any head', () => {
    const { apply } = aSyncedBook()
    expect(() => apply(block(102))).toThrow(InvariantError)
    apply({ type: 'reorg', block: 100 })
    expect(() => apply(block(101))).toThrow(InvariantError)
  })
})
