import { describe, expect, test } from 'vitest'
import type { Tick } from '../../../core/types/price.ts'
import { createMonitor, type MonitorParams } from '../../../monitors/create-monitor.ts'
import { defaultDivergence } from '../../../monitors/divergence.ts'
import { defaultHealth } from '../../../monitors/source-health.ts'
import { aBook, aHead, aTick, T0 } from '../../support/a-book.ts'
import { aFeed } from '../../support/a-feed.ts'

const venues = ['binance', 'coinbase', 'kraken']
const assets = ['ETH', 'BTC']
const params: MonitorParams = {
  fairPrice: {
    pairs: venues.flatMap((venue) =>
      assets.map((asset) => ({ venue, pair: `${asset}/USD`, asset, quote: 'USD' })),
    ),
    maxAgeMs: 10_000,
    maxSpreadBps: 100,
    outlierBps: 100,
    quorum: 2,
  },
  divergence: defaultDivergence,
  health: defaultHealth,
}

const feeds = [
  aFeed(),
  aFeed({
    asset: 'BTC',
    proxy: '0xF4030086522a5bEEa4988F8cA5B36dbC97BeE88c',
    aggregator: '0x00000000000000000000000000000000000000b1',
  }),
]

const all = (usd: number, seenMs = T0): readonly Tick[] =>
  venues.flatMap((venue) => assets.map((asset) => aTick(venue, `${asset}/USD`, usd, seenMs)))

describe('createMonitor', () => {
  test('default: ticks move the fair price and open a divergence of their asset alone', () => {
    const monitor = createMonitor(params)
    monitor.observe(aBook({ ticks: all(2000), feeds }), { type: 'timer' })
    const alerts = [0, 1, 2, 3].flatMap((second) => {
      const nowMs = T0 + second * 1000
      const ticks = all(1980, nowMs)
      const touched = ticks.filter(({ pair }) => pair === 'ETH/USD')
      return monitor.observe(aBook({ nowMs, ticks, feeds }), { type: 'ticks', ticks: touched })
    })
    expect(alerts.map(({ key }) => key)).toEqual(['divergence:ETH'])
    expect(monitor.fair.get('ETH')?.usd).toBeCloseTo(1980, 6)
    expect(monitor.fair.get('BTC')?.usd).toBeCloseTo(2000, 6)
    expect([...monitor.divergences.keys()]).toEqual(['ETH'])
  })

  test('behavior: the timer alone makes prices stale', () => {
    const monitor = createMonitor(params)
    const ticks = all(2000)
    monitor.observe(aBook({ ticks, feeds }), { type: 'ticks', ticks })
    expect(monitor.fair.get('ETH')?.status).toBe('ok')
    monitor.observe(aBook({ ticks, feeds, nowMs: T0 + 10_001 }), { type: 'timer' })
    expect(monitor.fair.get('ETH')?.status).toBe('unknown')
  })

  test('behavior: a block that brings the answer closes what the ticks had opened', () => {
    const monitor = createMonitor(params)
    for (const second of [0, 2]) {
      const ticks = all(1980, T0 + second * 1000)
      monitor.observe(aBook({ nowMs: T0 + second * 1000, ticks, feeds }), { type: 'ticks', ticks })
    }
    expect(monitor.divergences.size).toBe(2)
    const answered = feeds.map((feed) => ({ ...feed, roundId: 8, answerRaw: aFeed().answerRaw }))
    const resolved = [10, 22].flatMap((second) => {
      const nowMs = T0 + second * 1000
      return monitor.observe(
        aBook({ nowMs, ticks: all(2000, nowMs), feeds: answered, head: aHead({ number: 102 }) }),
        { type: 'block', head: aHead({ number: 102 }), changes: [] },
      )
    })
    expect(resolved.map(({ status }) => status)).toEqual(['resolved', 'resolved'])
    expect(monitor.divergences.size).toBe(0)
  })

  test('behavior: the same events tell the same', () => {
    const run = () => {
      const monitor = createMonitor(params)
      return Array.from({ length: 2000 }, (_, i) => {
        const nowMs = T0 + i * 500
        const ticks = all(2000 - 30 * Math.sin(i / 100), nowMs)
        return monitor.observe(aBook({ nowMs, ticks, feeds }), { type: 'ticks', ticks })
      }).flat()
    }
    const first = run()
    expect(first.length).toBeGreaterThan(2)
    expect(run()).toEqual(first)
  })
})
