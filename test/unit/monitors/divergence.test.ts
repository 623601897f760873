import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../core/types/event.ts'
import type { Feed } from '../../../core/types/market.ts'
import type { FairPrice } from '../../../core/types/price.ts'
import { bps, ms, raw, sec } from '../../../core/units.ts'
import { createDivergences, defaultDivergence } from '../../../monitors/divergence.ts'
import { aBook, aHead, T0 } from '../../support/a-book.ts'
import { aFeed } from '../../support/a-feed.ts'

const fairAt = (usd: number, fields: Partial<FairPrice> = {}): FairPrice => ({
  asset: 'ETH',
  status: 'ok',
  usd,
  confidenceBps: bps(1.2),
  sources: 3,
  atMs: ms(T0),
  ...fields,
})

/** A feed of ETH watched through time; returns what each look told. */
const watch = (feed: Feed = aFeed(), params = defaultDivergence) => {
  const divergences = createDivergences(params)
  let current = feed
  return {
    divergences,
    answers: (usd: number, atSec: number) => {
      current = {
        ...current,
        answerRaw: raw(BigInt(Math.round(usd * 1e8))),
        updatedSec: sec(T0 / 1000 + atSec),
        roundId: current.roundId + 1,
      }
    },
    look: (atSec: number, fair: FairPrice | number | undefined, block = 100): readonly Alert[] => {
      const book = aBook({ nowMs: T0 + atSec * 1000, head: aHead({ number: block }) })
      return divergences.read(book, current, typeof fair === 'number' ? fairAt(fair) : fair)
    },
  }
}

/** The price at which the gap of an oracle at 2,000 is so many basis points. */
const off = (gapBps: number): number => 2000 * Math.exp(gapBps / 1e4)

describe('createDivergences', () => {
  test('default: opens when the gap is confirmed and says what to expect', () => {
    const it = watch()
    expect(it.look(0, off(-75))).toEqual([])
    expect(it.look(1, off(-76))).toEqual([])
    expect(it.look(2, off(-77), 101)).toMatchInlineSnapshot(`
      [
        {
          "asset": "ETH",
          "block": 101,
          "divergence": {
            "asset": "ETH",
            "fairUsd": 1984.6591381148248,
            "gapBps": -76.99999999999964,
            "kind": "lag",
            "openedBlock": 101,
            "openedMs": 1700000002000,
            "oracleUsd": 2000,
          },
          "key": "divergence:ETH",
          "kind": "divergence/lag",
          "severity": "warning",
          "status": "open",
          "text": "ETH oracle lags behind the market: it says 2000.00, 2 s old, 3 sources say 1984.66 ± 1.2 bps; the gap is -77.0 bps, the feed updates at 50 bps or 3600 s. Expect the next answer near 1984.66 and have ready what it makes liquidatable.",
          "timestampSec": 1700000000,
        },
      ]
    `)
    expect(it.divergences.open.get('ETH')?.openedBlock).toBe(101)
  })

  test('behavior: 1.4 times the threshold opens, unless the asset has a figure of its own', () => {
    const it = watch()
    for (let t = 0; t < 60; t += 1) expect(it.look(t, off(69.9))).toEqual([])
    const own = watch(aFeed(), { ...defaultDivergence, openBps: { ETH: 40 } })
    own.look(0, off(41))
    expect(own.look(2, off(41))).toHaveLength(1)
    const stable = watch(aFeed({ thresholdBps: bps(25) }))
    stable.look(0, off(36))
    expect(stable.look(2, off(36))).toHaveLength(1)
  })

  test('behavior: one wild tick does not open it', () => {
    const it = watch()
    for (let t = 0; t < 60; t += 2) {
      expect(it.look(t, off(-500))).toEqual([])
      expect(it.look(t + 1, off(0))).toEqual([])
    }
  })

  test('behavior: closes below half of it, held, and says so once', () => {
    const it = watch()
    it.look(0, off(-80))
    const [opened] = it.look(2, off(-80), 101)
    expect(it.look(10, off(-34), 102)).toEqual([])
    expect(it.look(15, off(-36), 102)).toEqual([])
    expect(it.look(20, off(-34), 102)).toEqual([])
    expect(it.look(31, off(-34), 103)).toEqual([])
    const closed = it.look(32, off(-34), 103)
    expect(closed).toHaveLength(1)
    expect(closed[0]).toMatchObject({ key: opened!.key, status: 'resolved', block: 103 })
    expect(closed[0]!.text).toMatchInlineSnapshot(
      `"ETH oracle is back with the market: it says 2000.00, the market 1993.21, -34.0 bps apart after 30 s. Nothing to do."`,
    )
    expect(it.divergences.open.size).toBe(0)
    expect(it.look(33, off(-34))).toEqual([])
  })

  test('behavior: does not open again within a minute of having closed', () => {
    const it = watch()
    for (const t of [0, 2]) it.look(t, off(-80))
    for (const t of [4, 16]) it.look(t, off(0))
    for (let t = 17; t < 76; t += 1) expect(it.look(t, off(-80))).toEqual([])
    expect(it.look(76, off(-80), 110).map(({ key }) => key)).toEqual(['divergence:ETH'])
  })

  test.each([
    ['degraded', fairAt(off(-200), { status: 'degraded' })],
    ['unknown', fairAt(Number.NaN, { status: 'unknown' })],
    ['missing', undefined],
  ])('behavior: a fair price that is %s opens nothing and closes nothing', (_, fair) => {
    const it = watch()
    for (let t = 0; t < 20; t += 1) expect(it.look(t, fair)).toEqual([])
    for (const t of [20, 22]) it.look(t, off(-80))
    for (let t = 23; t < 60; t += 1) expect(it.look(t, fair)).toEqual([])
    expect(it.divergences.open.size).toBe(1)
  })

  test('behavior: nothing is read before the book is synced', () => {
    const divergences = createDivergences(defaultDivergence)
    for (const nowMs of [T0, T0 + 10_000])
      expect(
        divergences.read(aBook({ nowMs, head: undefined }), aFeed(), fairAt(off(-200))),
      ).toEqual([])
  })

  test('behavior: a market that runs far away from an old answer is a lag, however far', () => {
    const it = watch()
    it.look(0, off(-236))
    expect(it.look(2, off(-236))[0]!.divergence).toMatchObject({ kind: 'lag' })
    it.answers(1960, 3)
    expect(it.look(3, off(-260))).toEqual([])
  })

  test('behavior: an answer that comes in far off is wrong', () => {
    const it = watch()
    it.look(0, off(0))
    it.answers(2000 * 1.03, 10)
    it.look(10, off(0))
    const [alert] = it.look(12, off(0))
    expect(alert).toMatchObject({ severity: 'critical', kind: 'divergence/wrong' })
    expect(alert!.text).toMatchInlineSnapshot(
      `"ETH oracle is wrong: it says 2060.00, 2 s old, 3 sources say 2000.00 ± 1.2 bps; the gap is -295.6 bps, the feed updates at 50 bps or 3600 s. Do not act on this price: check the feed 0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419 and what its markets have lent on it."`,
    )
  })

  test.each([
    ['a tenth', 200],
    ['a hundred millionth', 0.00002],
    ['a thousand times', 2_000_000],
    ['one over the price', 1 / 2000],
    ['zero', 0],
  ])('behavior: %s is wrong, whenever it was answered', (_, oracleUsd) => {
    const it = watch(
      aFeed({ decimals: 18, answerRaw: raw(BigInt(Math.round(oracleUsd * 1e12)) * 10n ** 6n) }),
    )
    it.look(0, 2000)
    expect(it.look(2, 2000)[0]!.kind).toBe('divergence/wrong')
  })

  test('behavior: a lag that outlasts its time is stuck, told once more and resolved with the first', () => {
    const it = watch()
    it.look(0, off(-80))
    it.look(2, off(-80), 101)
    expect(it.look(302, off(-80))).toEqual([])
    const [stuck] = it.look(303, off(-80), 125)
    expect(stuck).toMatchObject({ key: 'divergence:ETH:stuck', severity: 'critical' })
    expect(stuck!.text).toMatchInlineSnapshot(
      `"ETH oracle does not follow the market: it says 2000.00, 303 s old, 3 sources say 1984.06 ± 1.2 bps; the gap is -80.0 bps, the feed updates at 50 bps or 3600 s. Check the transmitters of 0xe62b71cf983019bff55bc83b48601ce8419650cc and do not lend against this price until it answers."`,
    )
    expect(it.look(304, off(-80))).toEqual([])
    it.answers(off(-80), 310)
    it.look(310, off(-80))
    expect(it.look(322, off(-80)).map(({ key, status }) => [key, status])).toEqual([
      ['divergence:ETH', 'resolved'],
      ['divergence:ETH:stuck', 'resolved'],
    ])
  })

  test('behavior: an answer restarts the time after which a gap is stuck', () => {
    const it = watch()
    it.look(0, off(-80))
    it.look(2, off(-80))
    it.answers(1998, 200)
    expect(it.look(400, off(-90))).toEqual([])
    expect(it.look(501, off(-90))).toHaveLength(1)
  })

  test('behavior: a gap behind a heartbeat that passed is stuck from the start', () => {
    const it = watch()
    it.look(3600 + 121, off(-80))
    expect(it.look(3600 + 123, off(-80))[0]!.kind).toBe('divergence/stuck')
  })
})
