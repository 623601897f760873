import { describe, expect, test } from 'vitest'
import { noise, uniform, valueAt } from '../../../sandbox/price-path.ts'

describe('valueAt', () => {
  const path = [
    [0, 100],
    [10, 200],
    [10, 50],
    [20, 60],
  ] as const

  test.each([
    [-5, 100],
    [0, 100],
    [5, 150],
    [10, 50],
    [15, 55],
    [20, 60],
    [99, 60],
  ])('at %d s it is %d', (sec, value) => {
    expect(valueAt(path, sec)).toBeCloseTo(value, 9)
  })

  test('behavior: one point is a flat line', () => {
    expect(valueAt([[30, 7]], 0)).toBe(7)
    expect(valueAt([[30, 7]], 60)).toBe(7)
  })
})

describe('noise', () => {
  const sample = Array.from({ length: 20_000 }, (_, tick) => noise(1, 'ETH', 'kraken', tick))
  const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length
  const deviation = Math.sqrt(sample.reduce((sum, x) => sum + x * x, 0) / sample.length)

  test('default: is standard normal but for its tails', () => {
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(deviation - 1)).toBeLessThan(0.03)
    expect(Math.max(...sample.map(Math.abs))).toBeLessThanOrEqual(3)
  })

  test('behavior: neighbouring ticks are unrelated', () => {
    const lagged = sample.slice(1).reduce((sum, x, i) => sum + x * sample[i]!, 0) / sample.length
    expect(Math.abs(lagged)).toBeLessThan(0.03)
  })

  test('behavior: depends on each part of its key and on nothing else', () => {
    const key = [20230817, 'ETH', 'binance', 77] as const
    expect(noise(...key)).toBe(noise(...key))
    const others = [
      noise(1, 'ETH', 'binance', 77),
      noise(20230817, 'BTC', 'binance', 77),
      noise(20230817, 'ETH', 'kraken', 77),
      noise(20230817, 'ETH', 'binance', 78),
    ]
    expect(new Set([noise(...key), ...others]).size).toBe(5)
  })
})

describe('uniform', () => {
  test('default: fills (0, 1) evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i++) tenths[Math.floor(uniform(i, 'x') * 10)]! += 1
    expect(Math.min(...tenths)).toBeGreaterThan(900)
    expect(Math.max(...tenths)).toBeLessThan(1_100)
  })
})
