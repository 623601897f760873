import { expect, test } from 'vitest'
import { winnerOf } from '../../../sandbox/builders/lottery.ts'
import type { Relay } from '../../../sandbox/builders/relay.ts'

const relays = [
  { name: 'one', weight: 1 },
  { name: 'three', weight: 3 },
  { name: 'none', weight: 0 },
] as unknown as readonly Relay[]

test('each relay wins its share of blocks, the same ones for the same seed', () => {
  const winners = Array.from({ length: 4_000 }, (_, block) => winnerOf(relays, 7, block).name)
  const share = (name: string) =>
    winners.filter((winner) => winner === name).length / winners.length
  expect(share('one')).toBeCloseTo(0.25, 1)
  expect(share('three')).toBeCloseTo(0.75, 1)
  expect(share('none')).toBe(0)
  expect(winners).toEqual(
    Array.from({ length: 4_000 }, (_, block) => winnerOf(relays, 7, block).name),
  )
  expect(winners).not.toEqual(winners.map((_, block) => winnerOf(relays, 8, block).name))
})
