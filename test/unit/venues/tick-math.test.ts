import { describe, expect, test } from 'vitest'
import {
  MAX_SQRT_RATIO,
  MAX_TICK,
  MIN_SQRT_RATIO,
  MIN_TICK,
  sqrtRatioAtTick,
  tickAtSqrtRatio,
} from '../../../venues/uniswap-v3/tick-math.ts'

describe('sqrtRatioAtTick', () => {
  test('default: the bounds are those of the contract', () => {
    expect(sqrtRatioAtTick(MIN_TICK)).toBe(MIN_SQRT_RATIO)
    expect(sqrtRatioAtTick(MAX_TICK)).toBe(MAX_SQRT_RATIO)
    expect(sqrtRatioAtTick(0)).toBe(1n << 96n)
  })
})

describe('tickAtSqrtRatio', () => {
  test('behavior: a ratio is the first of its tick', () => {
    for (let tick = MIN_TICK + 1; tick < MAX_TICK; tick += 1_013) {
      const ratio = sqrtRatioAtTick(tick)
      expect(tickAtSqrtRatio(ratio)).toBe(tick)
      expect(tickAtSqrtRatio(ratio - 1n)).toBe(tick - 1)
    }
  })

  test('behavior: the bounds belong to the outermost ticks', () => {
    expect(tickAtSqrtRatio(MIN_SQRT_RATIO)).toBe(MIN_TICK)
    expect(tickAtSqrtRatio(MAX_SQRT_RATIO - 1n)).toBe(MAX_TICK - 1)
  })
})
