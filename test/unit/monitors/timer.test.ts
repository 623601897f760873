import { describe, expect, test } from 'vitest'
import type { Event } from '../../../core/types/event.ts'
import { createTimerSource } from '../../../monitors/sources/timer.ts'
import { eventually } from '../../support/a-websocket-server.ts'

describe('createTimerSource', () => {
  test('default: tells that time has passed until it is ended, and nothing after', async () => {
    const events: Event[] = []
    const ending = new AbortController()
    const running = createTimerSource(5).start((event) => events.push(event), ending.signal)
    await eventually(() => events.length >= 3, 'three events')
    ending.abort()
    await running
    const told = events.length
    await new Promise((wake) => setTimeout(wake, 30))
    expect(events.length).toBe(told)
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['timer']))
  })
})
