import fc from 'fast-check'
import { decodeAbiParameters, decodeFunctionData, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { decodeTransmit } from '../../oracles/chainlink/decode-transmit.ts'
import { aggregator } from '../support/a-feed.ts'
import { aForward, aTransmit, reportTypes, transmitAbi } from '../support/a-transmit.ts'

const forwarder = '0x5da8fbe7e2fc88fd61c1b5ee8be06102f5bb9f07'

const sketch = fc.record({
  observations: fc.array(fc.bigInt({ min: -(1n << 191n), max: (1n << 191n) - 1n }), {
    minLength: 1,
    maxLength: 31,
  }),
  epochAndRound: fc.nat({ max: 0xffff_ffff }).map((epoch) => epoch * 256 + (epoch % 256)),
  timestampSec: fc.nat({ max: 0xffff_ffff }),
  signatures: fc.nat({ max: 11 }),
})

/** The same by viem's general decoder; undefined when it refuses. */
const byViem = (input: Hex): unknown => {
  try {
    const { args } = decodeFunctionData({ abi: transmitAbi, data: input })
    if (args.length !== 5) return undefined
    const [context, report] = args
    const [timestamp, , observations] = decodeAbiParameters(reportTypes, report)
    return {
      aggregator,
      answerRaw: observations[observations.length >> 1],
      epochAndRound: Number(BigInt(context[1]) & 0xff_ffff_ffffn),
      observations,
      observationsTimestampSec: timestamp,
    }
  } catch (refused) {
    expect(refused).toBeInstanceOf(Error)
    return undefined
  }
}

describe('decodeTransmit', () => {
  test('reads what viem reads, direct and forwarded', () => {
    fc.assert(
      fc.property(sketch, (fields) => {
        const input = aTransmit(fields)
        const expected = byViem(input)
        expect(decodeTransmit(aggregator, input)).toEqual(expected)
        expect(decodeTransmit(forwarder, aForward(aggregator, input))).toEqual({
          ...(expected as object),
          forwarder,
        })
      }),
      { numRuns: 300 },
    )
  })

  test('a changed byte is refused, or read as viem reads it', () => {
    let read = 0
    fc.assert(
      fc.property(sketch, fc.nat(), fc.integer({ min: 1, max: 255 }), (fields, where, flip) => {
        const input = aTransmit(fields)
        const at = 2 + 2 * (where % ((input.length - 2) / 2))
        const byte = (Number.parseInt(input.slice(at, at + 2), 16) ^ flip)
          .toString(16)
          .padStart(2, '0')
        const changed = `${input.slice(0, at)}${byte}${input.slice(at + 2)}` as Hex
        const transmit = decodeTransmit(aggregator, changed)
        if (!transmit) return
        read += 1
        expect(transmit).toEqual(byViem(changed))
      }),
      { numRuns: 500 },
    )
    expect(read).toBeGreaterThan(50)
  })

  test('any text at all is survived', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('0xb1dc65a4', '0x6fadcf72'), (tail, selector) => {
        expect(decodeTransmit(aggregator, `${selector}${tail}` as Hex)).toBeUndefined()
      }),
    )
  })
})
