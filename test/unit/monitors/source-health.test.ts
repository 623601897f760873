import { describe, expect, test } from 'vitest'
import type { Alert, Event } from '../../../core/types/event.ts'
import { createMonitor } from '../../../monitors/create-monitor.ts'
import { defaultDivergence } from '../../../monitors/divergence.ts'
import { defaultHealth } from '../../../monitors/source-health.ts'
import { aBook, aHead, aTick, type BookSketch, T0 } from '../../support/a-book.ts'

const pairs = ['coinbase', 'kraken', 'binance'].map((venue) => ({
  venue,
  pair: 'ETH/USD',
  asset: 'ETH',
  quote: 'USD',
}))

const aMonitor = () =>
  createMonitor({
    fairPrice: { pairs, maxAgeMs: 10_000, maxSpreadBps: 100, outlierBps: 100, quorum: 2 },
    divergence: defaultDivergence,
    health: defaultHealth,
  })

/** A monitor in a calm world in which time passes; returns what each event told. */
const watch = () => {
  const monitor = aMonitor()
  return {
    monitor,
    at: (second: number, event: Event, sketch: BookSketch = {}): readonly Alert[] => {
      const nowMs = T0 + second * 1000
      const calm = pairs.map(({ venue, pair }) => aTick(venue, pair, 2000, nowMs))
      const head = aHead({ seenMs: aBook({ nowMs }).nowMs })
      return monitor.observe(aBook({ nowMs, ticks: calm, head, ...sketch }), event)
    },
  }
}

const timer: Event = { type: 'timer' }
const source = (status: 'up' | 'down', name = 'binance'): Event => ({
  type: 'source',
  source: name,
  status,
  reason: status === 'down' ? 'silent' : 'quotes arrive',
})
const audit = (mismatches: readonly string[], block = 100): Event => ({
  type: 'audit',
  block,
  compared: [],
  mismatches: mismatches.map((text) => ({ account: '0xa11ce', text })),
})

describe('createSourceHealth', () => {
  test('default: a source that stays down is told once, and its return once', () => {
    const it = watch()
    expect(it.at(0, source('down'))).toEqual([])
    expect(it.at(4, timer)).toEqual([])
    expect(it.at(5, timer)).toMatchInlineSnapshot(`
      [
        {
          "block": 100,
          "key": "source:binance",
          "kind": "health/source",
          "severity": "warning",
          "status": "open",
          "text": "Source binance is down (silent). Check its address and the network; it is tried again by itself.",
          "timestampSec": 1700000005,
        },
      ]
    `)
    expect(it.at(60, timer)).toEqual([])
    expect(it.at(61, source('up'))).toEqual([])
    const over = it.at(66, timer)
    expect(over).toMatchObject([{ key: 'source:binance', status: 'resolved' }])
    expect(it.at(67, timer)).toEqual([])
  })

  test('behavior: a source that is back at once is not told', () => {
    const it = watch()
    it.at(0, source('down'))
    it.at(2, source('up'))
    for (let t = 3; t < 30; t += 1) expect(it.at(t, timer)).toEqual([])
  })

  test('behavior: the next outage is the same matter, told again', () => {
    const it = watch()
    const keys = [0, 100].flatMap((start) => {
      it.at(start, source('down', 'chain'))
      const [alert] = it.at(start + 5, timer)
      expect(alert!.severity).toBe('critical')
      it.at(start + 6, source('up', 'chain'))
      it.at(start + 11, timer)
      return alert!.key
    })
    expect(keys).toEqual(['source:chain', 'source:chain'])
  })

  test('behavior: a mismatch is told at once and resolved when the book is read anew', () => {
    const it = watch()
    const auditMismatches = ['0xalice: debt 1 in the book, 2 on the chain']
    const [opened] = it.at(0, audit(auditMismatches), { auditMismatches })
    expect(opened).toMatchObject({ key: 'audit', severity: 'critical', status: 'open' })
    expect(it.at(1, audit(auditMismatches, 101), { auditMismatches })).toEqual([])
    expect(it.at(2, audit([], 102), { auditMismatches })).toEqual([])
    const anew: Event = { type: 'reorg', block: 103 }
    expect(it.at(3, anew)).toMatchObject([{ key: 'audit', status: 'resolved' }])
    expect(it.at(4, audit([], 104))).toEqual([])
  })

  test('behavior: no block for three slots is told by the timer', () => {
    const it = watch()
    const old = { head: aHead() }
    expect(it.at(36, timer, old)).toEqual([])
    expect(it.at(37, timer, old)).toEqual([])
    expect(it.at(42, timer, old)).toMatchObject([{ kind: 'health/head', severity: 'critical' }])
    it.at(43, timer)
    expect(it.at(48, timer)).toMatchObject([{ kind: 'health/head', status: 'resolved' }])
  })

  test('behavior: a price that was there and is gone is told', () => {
    const it = watch()
    it.at(0, timer)
    expect(it.at(1, timer, { ticks: [] })).toEqual([])
    expect(it.at(6, timer, { ticks: [] })).toMatchObject([
      { kind: 'health/price', asset: 'ETH', status: 'open' },
    ])
  })

  test('behavior: a price that has not come yet is waited for', () => {
    const it = watch()
    for (let t = 0; t <= 60; t += 1) expect(it.at(t, timer, { ticks: [] })).toEqual([])
    expect([61, 66].flatMap((t) => it.at(t, timer, { ticks: [] }))).toHaveLength(1)
  })

  test('behavior: a feed past its heartbeat is told even without a gap', () => {
    const it = watch()
    expect(it.at(3600 + 120, timer)).toEqual([])
    it.at(3600 + 121, timer)
    const [alert] = it.at(3600 + 126, timer)
    expect(alert).toMatchObject({ kind: 'health/feed', asset: 'ETH', severity: 'critical' })
  })
})
