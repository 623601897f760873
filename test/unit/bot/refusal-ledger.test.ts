import { describe, expect, test } from 'vitest'
import { createRefusalLedger } from '../../../bot/refusal-ledger.ts'

describe('createRefusalLedger', () => {
  test('a reason is news when it changes', () => {
    const { isNews } = createRefusalLedger()
    expect(isNews('alice', 'dust', 1)).toBe(true)
    expect(isNews('alice', 'dust', 1)).toBe(false)
    expect(isNews('alice', 'dust', 2)).toBe(false)
    expect(isNews('alice', 'no-route', 2)).toBe(true)
    expect(isNews('alma', 'no-route', 2)).toBe(true)
  })

  test('one that goes to and fro is told each reason once a block', () => {
    const { isNews } = createRefusalLedger()
    const told = (block: number) =>
      Array.from({ length: 10 }, (_, n) => isNews('alice', n % 2 ? 'dust' : 'no-route', block))
    expect(told(1).filter(Boolean)).toHaveLength(2)
    expect(told(2).filter(Boolean)).toHaveLength(2)
  })

  test('a plan makes the next refusal news', () => {
    const { isNews, forget } = createRefusalLedger()
    isNews('alice', 'outbid', 1)
    forget('alice')
    expect(isNews('alice', 'outbid', 2)).toBe(true)
  })

  test('it forgets the one told longest ago', () => {
    const { isNews } = createRefusalLedger()
    isNews('alice', 'dust', 1)
    for (let n = 0; n < 50_000; n++) isNews(`other ${n}`, 'dust', 1)
    expect(isNews('alice', 'dust', 2)).toBe(true)
  })
})
