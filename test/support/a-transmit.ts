import { concat, encodeAbiParameters, encodeFunctionData, numberToHex, parseAbi } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'

export const transmitAbi = parseAbi([
  'function transmit(bytes32[3] reportContext, bytes report, bytes32[] rs, bytes32[] ss, bytes32 rawVs)',
  'function forward(address to, bytes data)',
])

export const reportTypes = [
  { type: 'uint32' },
  { type: 'bytes32' },
  { type: 'int192[]' },
  { type: 'int192' },
] as const

export interface TransmitSketch {
  readonly observations: readonly bigint[]
  readonly epochAndRound: number
  readonly timestampSec: number
  readonly signatures: number
}

const word = (value: number): Hex => numberToHex(value, { size: 32 })

/** Encodes `transmit` as a transmitter's node does, by viem's general encoder. */
export const aTransmit = (sketch: Partial<TransmitSketch> = {}): Hex => {
  const signatures = Array.from({ length: sketch.signatures ?? 2 }, (_, i) => word(i + 1))
  return encodeFunctionData({
    abi: transmitAbi,
    functionName: 'transmit',
    args: [
      [
        concat(['0x0001', numberToHex(0xcdb0c88, { size: 30 })]),
        word(sketch.epochAndRound ?? 0x1650001),
        word(0),
      ],
      encodeAbiParameters(reportTypes, [
        sketch.timestampSec ?? 1_741_971_060,
        concat(['0x03010002', numberToHex(0, { size: 28 })]),
        [...(sketch.observations ?? [19744188n, 19744369n, 19746688n, 19746688n])],
        0n,
      ]),
      signatures,
      signatures,
      word(0),
    ],
  })
}

/** Wraps calldata in `forward`, as a transmitter behind a forwarder sends it. */
export const aForward = (to: Address, data: Hex): Hex =>
  encodeFunctionData({ abi: transmitAbi, functionName: 'forward', args: [to, data] })
