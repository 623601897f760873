import { describe, expect, test } from 'vitest'
import { InvariantError } from '../../../core/errors.ts'
import { createScenarioClock } from '../../../sandbox/clock.ts'

describe('createScenarioClock', () => {
  test('default: runs at its rate from the moment it is made', () => {
    let wallMs = 1_000
    const clock = createScenarioClock({ startMs: 50_000, rate: 12, wallNow: () => wallMs })
    expect(clock.now()).toBe(50_000)
    wallMs += 500
    expect(clock.now()).toBe(56_000)
    expect(clock.toWallMs(56_000)).toBe(1_500)
    expect(clock.json).toEqual({ originMs: 50_000, wallOriginMs: 1_000, rate: 12 })
  })

  test('behavior: another process reads the same time from the JSON', () => {
    let wallMs = 1_000
    const clock = createScenarioClock({ startMs: 50_000, rate: 12, wallNow: () => wallMs })
    const { originMs, wallOriginMs, rate } = JSON.parse(JSON.stringify(clock.json))
    for (const at of [1_000, 1_001, 4_321]) {
      wallMs = at
      expect(originMs + (at - wallOriginMs) * rate).toBe(clock.now())
    }
  })

  test('behavior: stands until started, then runs on from the same time', () => {
    let wallMs = 0
    const clock = createScenarioClock({
      startMs: 7_000,
      rate: 10,
      stopped: true,
      wallNow: () => wallMs,
    })
    wallMs = 900
    expect(clock.now()).toBe(7_000)
    expect(clock.json.rate).toBe(0)
    expect(clock.toWallMs(8_000)).toBe(Infinity)
    clock.start()
    wallMs = 1_000
    expect(clock.now()).toBe(8_000)
  })

  test('behavior: a start that lies ahead stands until it comes', () => {
    let wallMs = 100
    const clock = createScenarioClock({
      startMs: 0,
      rate: 2,
      stopped: true,
      wallNow: () => wallMs,
    })
    clock.start(200)
    expect(clock.now()).toBe(0)
    wallMs = 250
    expect(clock.now()).toBe(100)
  })

  test('behavior: a sleeper wakes at or after its time', async () => {
    const clock = createScenarioClock({ startMs: 0, rate: 100 })
    expect(await clock.sleepUntil(3_000, new AbortController().signal)).toBe(true)
    expect(clock.now()).toBeGreaterThanOrEqual(3_000)
  })

  test('behavior: a sleeper on a standing clock wakes after the start', async () => {
    const clock = createScenarioClock({ startMs: 0, rate: 100, stopped: true })
    const slept = clock.sleepUntil(1_000, new AbortController().signal)
    setTimeout(() => clock.start(), 20)
    expect(await slept).toBe(true)
    expect(clock.now()).toBeGreaterThanOrEqual(1_000)
  })

  test('behavior: an abort wakes at once and says so', async () => {
    const clock = createScenarioClock({ startMs: 0, rate: 1 })
    const controller = new AbortController()
    const slept = clock.sleepUntil(60_000, controller.signal)
    controller.abort()
    expect(await slept).toBe(false)
  })

  test('error: InvariantError on a second start', () => {
    const clock = createScenarioClock({ startMs: 0, rate: 1 })
    expect(() => clock.start()).toThrow(InvariantError)
  })
})
