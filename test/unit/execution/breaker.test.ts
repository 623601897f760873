import { expect, test } from 'vitest'
import { ms } from '../../../core/units.ts'
import { createBreaker } from '../../../execution/breaker.ts'

const aBreaker = () => {
  let nowMs = 1_000
  const breaker = createBreaker({ clock: () => ms(nowMs), failures: 3, restMs: 60_000 })
  return {
    ...breaker,
    wait: (spanMs: number) => {
      nowMs += spanMs
    },
  }
}

test('three failures in a row open it for a minute', () => {
  const breaker = aBreaker()
  for (const _ of [1, 2, 3]) {
    expect(breaker.admits()).toBe(true)
    breaker.failed()
  }
  expect(breaker.admits()).toBe(false)
  breaker.wait(59_999)
  expect(breaker.admits()).toBe(false)
  breaker.wait(1)
  expect(breaker.admits()).toBe(true)
})

test('behavior: failures that are not in a row do not open it', () => {
  const breaker = aBreaker()
  breaker.failed()
  breaker.failed()
  breaker.succeeded()
  breaker.failed()
  breaker.failed()
  expect(breaker.admits()).toBe(true)
})

test('behavior: one is tried after the rest, and what it does decides', () => {
  const breaker = aBreaker()
  for (const _ of [1, 2, 3]) breaker.failed()
  breaker.wait(60_000)
  expect([breaker.admits(), breaker.admits()]).toEqual([true, false])
  breaker.failed()
  breaker.wait(59_999)
  expect(breaker.admits()).toBe(false)
  breaker.wait(1)
  expect(breaker.admits()).toBe(true)
  breaker.succeeded()
  expect([breaker.admits(), breaker.admits()]).toEqual([true, true])
})
