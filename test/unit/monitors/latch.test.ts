import { describe, expect, test } from 'vitest'
import { createLatch, type Reading } from '../../../monitors/latch.ts'

const turns = (
  readings: readonly (readonly [Reading, number])[],
  limits = { openAfterMs: 10, closeAfterMs: 20, rearmMs: 50 },
): readonly (string | undefined)[] => {
  const latch = createLatch(limits)
  return readings.map(([reading, nowMs]) => latch.read(reading, nowMs))
}

describe('createLatch', () => {
  test('default: opens when it has been bad long enough, closes when good long enough', () => {
    expect(
      turns([
        ['bad', 0],
        ['bad', 9],
        ['bad', 10],
        ['good', 11],
        ['good', 30],
        ['good', 31],
      ]),
    ).toEqual([undefined, undefined, 'opened', undefined, undefined, 'closed'])
  })

  test.each<Reading>(['good', 'between'])(
    'behavior: one %s reading starts the wait over',
    (calm) => {
      expect(
        turns([
          ['bad', 0],
          [calm, 9],
          ['bad', 10],
          ['bad', 19],
          ['bad', 20],
        ]),
      ).toEqual([undefined, undefined, undefined, undefined, 'opened'])
    },
  )

  test('behavior: a reading between holds an open latch open', () => {
    expect(
      turns([
        ['bad', 0],
        ['bad', 10],
        ['good', 20],
        ['between', 39],
        ['good', 40],
        ['good', 59],
        ['good', 60],
      ]),
    ).toEqual([undefined, 'opened', undefined, undefined, undefined, undefined, 'closed'])
  })

  test('behavior: two readings are needed even when no time is', () => {
    const limits = { openAfterMs: 0, closeAfterMs: 0, rearmMs: 0 }
    expect(
      turns(
        [
          ['bad', 0],
          ['bad', 0],
          ['good', 0],
        ],
        limits,
      ),
    ).toEqual([undefined, 'opened', 'closed'])
  })

  test('behavior: it does not open again before it is armed', () => {
    expect(
      turns([
        ['bad', 0],
        ['bad', 10],
        ['good', 10],
        ['good', 30],
        ['bad', 40],
        ['bad', 79],
        ['bad', 80],
      ]),
    ).toEqual([undefined, 'opened', undefined, 'closed', undefined, undefined, 'opened'])
  })
})
