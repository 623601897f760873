import { describe, expect, test } from 'vitest'
import { createClock } from '../../../bot/clock.ts'

describe('createClock', () => {
  test('default: the wall, in whole milliseconds', () => {
    const clock = createClock(undefined)
    expect(Math.abs(clock() - Date.now())).toBeLessThan(1_000)
    expect(Number.isInteger(clock())).toBe(true)
  })

  test('behavior: a scenario runs at its rate from its origin, and stands before it', () => {
    let wallMs = 900
    const clock = createClock({ originMs: 50_000, wallOriginMs: 1_000, rate: 12 }, () => wallMs)
    expect(clock()).toBe(50_000)
    wallMs = 1_001.5
    expect(clock()).toBe(50_018)
  })
})
