import type { Address, Hex } from '../../core/types/chain.ts'
import { type Raw, raw, type Sec, sec } from '../../core/units.ts'

/** Selector of `transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)` (libocr OCR2Abstract). */
export const transmitSelector = '0xb1dc65a4'

/** Selector of `forward(address,bytes)` (Chainlink AuthorizedForwarder), which transmitters may stand behind. */
export const forwardSelector = '0x6fadcf72'

/** An oracle report on its way, as its calldata tells it. */
export interface Transmit {
  /** Lower case. */
  readonly aggregator: Address
  /** The contract that calls the aggregator, lower case; absent when the transmitter calls it directly. */
  readonly forwarder?: Address
  /** `observations[n / 2]` of the array as sent, which is what the aggregator takes (libocr OCR2Aggregator._report). */
  readonly answerRaw: Raw
  /** `epoch << 8 | round`. */
  readonly epochAndRound: number
  readonly observations: readonly Raw[]
  readonly observationsTimestampSec: Sec
}

/** Everything of `transmit` but the contents of its three arrays (libocr OCR2Base.TRANSMIT_MSGDATA_CONSTANT_LENGTH_COMPONENT). */
const TRANSMIT_MSGDATA_CONSTANT_LENGTH_COMPONENT = 4 + 3 * 32 + 4 * 32 + 3 * 32

/** An observation is an int192, sign-extended to a word. */
const INT192_LIMIT = 1n << 191n
const MAX_ORACLES = 31

/** The index in the hex text at which the byte begins. */
const at = (byte: number): number => 2 + 2 * byte

/** The word at a byte as an unsigned number; undefined when it is missing, no hex or beyond 2^48. */
const numberAt = (input: string, byte: number): number | undefined => {
  const from = at(byte)
  if (byte < 0 || from + 64 > input.length) return undefined
  for (let i = from; i < from + 52; i += 1) if (input.charCodeAt(i) !== 48) return undefined
  const number = Number(`0x${input.slice(from + 52, from + 64)}`)
  return Number.isNaN(number) ? undefined : number
}

const addressAt = (input: string, byte: number): Address =>
  `0x${input.slice(at(byte + 12), at(byte + 32))}`

/** Reads a report's observations from where their length stands; undefined when one is no int192. */
const observationsAt = (input: string, byte: number, count: number): readonly Raw[] | undefined => {
  const observations: Raw[] = []
  for (let i = 0; i < count; i += 1) {
    const from = at(byte + 32 * i)
    const observation = BigInt.asIntN(256, BigInt(`0x${input.slice(from, from + 64)}`))
    if (observation >= INT192_LIMIT || observation < -INT192_LIMIT) return undefined
    observations.push(raw(observation))
  }
  return observations
}

/** Reads `transmit` whose selector stands at byte `start` and whose last byte is before `end`. */
const transmitAt = (
  input: string,
  start: number,
  end: number,
): Omit<Transmit, 'aggregator' | 'forwarder'> | undefined => {
  const head = start + 4
  const [reportOffset, rsOffset, ssOffset] = [96, 128, 160].map((byte) =>
    numberAt(input, head + byte),
  )
  if (reportOffset === undefined || rsOffset === undefined || ssOffset === undefined)
    return undefined
  const report = head + reportOffset + 32
  const reportLength = numberAt(input, report - 32)
  const rs = numberAt(input, head + rsOffset)
  const ss = numberAt(input, head + ssOffset)
  const observationsOffset = numberAt(input, report + 64)
  const count = numberAt(input, report + 128)
  const timestamp = numberAt(input, report)
  if (reportLength === undefined || rs === undefined || ss === undefined) return undefined
  if (count === undefined || timestamp === undefined || timestamp > 0xffff_ffff) return undefined
  // The same selector serves other reports (CCIP): only a price report has this shape.
  if (observationsOffset !== 0x80 || count < 1 || count > MAX_ORACLES) return undefined
  if (reportLength !== 160 + 32 * count) return undefined
  const length = TRANSMIT_MSGDATA_CONSTANT_LENGTH_COMPONENT + reportLength + 32 * rs + 32 * ss
  if (end - start !== length || report + reportLength > end) return undefined
  const observations = observationsAt(input, report + 160, count)
  if (observations === undefined) return undefined
  return {
    answerRaw: observations[count >> 1]!,
    epochAndRound: Number(`0x${input.slice(at(head + 59), at(head + 64))}`),
    observations,
    observationsTimestampSec: sec(timestamp),
  }
}

const hexText = /^0x(?:[0-9a-f]{2})*$/i

/**
 * Returns the price report that a transaction carries, sent to the aggregator directly or through a forwarder;
 * undefined when it carries none. Reads at offsets, about ten times faster than a general ABI decoder.
 */
export const decodeTransmit = (to: Address, input: Hex): Transmit | undefined => {
  const selector = input.slice(0, 10).toLowerCase()
  if (selector !== transmitSelector && selector !== forwardSelector) return undefined
  if (!hexText.test(input)) return undefined
  const size = (input.length - 2) / 2
  if (selector === transmitSelector) {
    const transmit = transmitAt(input, 0, size)
    return transmit && { aggregator: lower(to), ...transmit }
  }
  const offset = numberAt(input, 36)
  const length = offset === undefined ? undefined : numberAt(input, 4 + offset)
  if (offset === undefined || length === undefined) return undefined
  const start = 4 + offset + 32
  if (start + length > size || !/^0x0{24}/.test(`0x${input.slice(at(4), at(16))}`)) return undefined
  const inner = input.slice(at(start), at(start + 4)).toLowerCase()
  if (`0x${inner}` !== transmitSelector) return undefined
  const transmit = transmitAt(input, start, start + length)
  return transmit && { aggregator: lower(addressAt(input, 4)), forwarder: lower(to), ...transmit }
}

const lower = (address: Address): Address => address.toLowerCase() as Address
