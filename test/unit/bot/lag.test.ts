import { describe, expect, test } from 'vitest'
import { createLag } from '../../../bot/lag.ts'

describe('createLag', () => {
  test('a quantile is right to the width of a bucket, and never too low', () => {
    const lag = createLag()
    for (let n = 1; n <= 1_000; n++) lag.add(n / 10)
    for (const [quantile, exact] of [
      [0.5, 50],
      [0.99, 99],
      [1, 100],
    ] as const) {
      expect(lag.quantileMs(quantile)).toBeGreaterThanOrEqual(exact * 0.9999)
      expect(lag.quantileMs(quantile)).toBeLessThan(exact * 1.051)
    }
  })

  test('counts of one merge into another', () => {
    const [own, other] = [createLag(), createLag()]
    for (const elapsed of [0, 0.0005, 3, 1e9]) other.add(elapsed)
    own.add(2)
    own.merge(other.counts())
    expect(own.count).toBe(5)
    expect(own.quantileMs(0.6)).toBeCloseTo(2, 0)
    own.clear()
    expect([own.count, own.quantileMs(0.5)]).toEqual([0, 0])
  })
})
