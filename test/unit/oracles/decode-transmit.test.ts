import { type Hex, size } from 'viem'
import { describe, expect, test } from 'vitest'
import { decodeTransmit } from '../../../oracles/chainlink/decode-transmit.ts'
import { aggregator } from '../../support/a-feed.ts'
import { aForward, aTransmit } from '../../support/a-transmit.ts'

const forwarder = '0x5DA8FBE7E2FC88FD61c1B5EE8be06102f5Bb9F07'

describe('decodeTransmit', () => {
  test('default: reads a report of four observations, 740 bytes in all', () => {
    const input = aTransmit()
    expect(size(input)).toBe(740)
    expect(decodeTransmit(aggregator, input)).toMatchInlineSnapshot(`
      {
        "aggregator": "0xe62b71cf983019bff55bc83b48601ce8419650cc",
        "answerRaw": 19746688n,
        "epochAndRound": 23396353,
        "observations": [
          19744188n,
          19744369n,
          19746688n,
          19746688n,
        ],
        "observationsTimestampSec": 1741971060,
      }
    `)
  })

  test('behavior: takes the upper median of the array as sent, which it does not sort', () => {
    const input = aTransmit({ observations: [5n, 1n, 9n, 2n] })
    expect(decodeTransmit(aggregator, input)?.answerRaw).toBe(9n)
  })

  test('behavior: reads through a forwarder, 932 bytes for six observations', () => {
    const observations = [310n, 311n, 311n, 311080000000n, 311080000001n, 311080000002n]
    const input = aForward(aggregator, aTransmit({ observations }))
    expect(size(input)).toBe(932)
    expect(decodeTransmit(forwarder, input)).toMatchObject({
      aggregator,
      forwarder: forwarder.toLowerCase(),
      answerRaw: 311080000000n,
      observations,
    })
  })

  test('behavior: negative observations keep their sign', () => {
    const input = aTransmit({ observations: [-3n, -2n, -1n] })
    expect(decodeTransmit(aggregator, input)?.answerRaw).toBe(-2n)
  })

  test('behavior: capital hex digits are read as well', () => {
    const input = `0x${aTransmit().slice(2).toUpperCase()}` as Hex
    expect(decodeTransmit(aggregator, input)?.answerRaw).toBe(19746688n)
  })

  const word = (input: Hex, byte: number, value: string): Hex =>
    `${input.slice(0, 2 + 2 * byte)}${value.padStart(64, '0')}${input.slice(2 + 2 * byte + 64)}` as Hex

  test.each<[string, Hex]>([
    ['another function', '0xc9807539'],
    ['nothing', '0x'],
    ['a selector alone', '0xb1dc65a4'],
    ['a cut report', aTransmit().slice(0, 700) as Hex],
    ['bytes behind the end', `${aTransmit()}00`],
    ['no hex', aTransmit().replace('1', 'g') as Hex],
    ['no observations', aTransmit({ observations: [] })],
    ['more observations than oracles can be', aTransmit({ observations: Array(32).fill(1n) })],
    ['a report of another shape', word(aTransmit(), 4 + 224 + 32 + 64, 'a0')],
    ['a report offset beyond the end', word(aTransmit(), 4 + 96, 'ffffffff')],
    ['a report offset beyond all numbers', word(aTransmit(), 4 + 96, 'f'.repeat(64))],
    [
      'an observation that is no int192',
      word(aTransmit(), 4 + 224 + 32 + 160, `0${'f'.repeat(63)}`),
    ],
    ['a timestamp that is no uint32', word(aTransmit(), 4 + 224 + 32, '100000000')],
    ['a forwarded call of something else', aForward(aggregator, '0xc9807539')],
    ['a forwarded call to no address', word(aForward(aggregator, aTransmit()), 4, 'f'.repeat(64))],
    ['a forwarded call that is cut', word(aForward(aggregator, aTransmit()), 68, 'ffff')],
  ])('behavior: %s is no transmit', (_, input) => {
    expect(decodeTransmit(aggregator, input)).toBeUndefined()
  })
})
