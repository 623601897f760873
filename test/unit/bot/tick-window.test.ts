import { beforeEach, describe, expect, test } from 'vitest'
import { createTickWindow, type TickWindow } from '../../../bot/tick-window.ts'
import type { Event } from '../../../core/types/event.ts'
import { aTick } from '../../support/a-book.ts'

let nowMs: number
let window: TickWindow
let handled: string[]

const tick = (pair: string, price: number): Event => ({
  type: 'ticks',
  ticks: [aTick('kraken', pair, price)],
})

beforeEach(() => {
  nowMs = 1_000
  handled = []
  window = createTickWindow(
    4,
    () => nowMs,
    (event, pushes) => {
      const what =
        event.type === 'ticks'
          ? event.ticks.map(({ pair, ask }) => `${pair}=${Math.floor(ask)}`).join(' ')
          : event.type
      handled.push(`${what} (${pushes.length})`)
    },
  )
})

describe('createTickWindow', () => {
  test('the first ticks after a quiet window go on at once', () => {
    window.take(tick('A', 1), 0)
    expect(handled).toEqual(['A=1 (1)'])
    expect(window.dueMs()).toBeUndefined()
  })

  test('those within it are held until it ends, the latest of each pair', () => {
    window.take(tick('A', 1), 0)
    nowMs += 1
    window.take(tick('A', 2), 0)
    window.take(tick('B', 7), 0)
    window.take(tick('A', 3), 0)
    expect(window.dueMs()).toBe(3)
    window.release()
    expect(handled).toHaveLength(1)
    nowMs += 3
    window.release()
    expect(handled).toEqual(['A=1 (1)', 'A=3 B=7 (3)'])
  })

  test('another event is preceded by what is held', () => {
    window.take(tick('A', 1), 0)
    window.take(tick('A', 2), 0)
    window.take({ type: 'timer' }, 0)
    expect(handled).toEqual(['A=1 (1)', 'A=2 (1)', 'timer (1)'])
  })
})
