import {
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  keccak256,
  numberToHex,
  parseAbi,
  parseSignature,
} from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Hex } from '../../core/types/chain.ts'

/** What transmitters, owner and readers call of an OCR2 aggregator (libocr OCR2Aggregator). */
export const ocr2Abi = parseAbi([
  'function transmit(bytes32[3] reportContext, bytes report, bytes32[] rs, bytes32[] ss, bytes32 rawVs)',
  'function setConfig(address[] signers, address[] transmitters, uint8 f, bytes onchainConfig, uint64 offchainConfigVersion, bytes offchainConfig)',
  'function latestConfigDetails() view returns (uint32 configCount, uint32 blockNumber, bytes32 configDigest)',
  'function latestTransmissionDetails() view returns (bytes32 configDigest, uint32 epoch, uint8 round, int192 latestAnswer, uint64 latestTimestamp)',
])

/** The faulty oracles that a report survives; it carries one signature more. */
export const faultsTolerated = 1

/** Returns a price in dollars as a feed of eight decimals answers it. */
export const answerRawOf = (usd: number): bigint => BigInt(Math.round(usd * 1e8))

/** Returns `epoch << 8 | round`, which must grow with every report of a feed. */
export const epochAndRoundOf = (epoch: number, round: number): number => epoch * 256 + round

/** One report of a feed, before it is signed. */
export interface Transmission {
  readonly configDigest: Hex
  readonly epochAndRound: number
  readonly observationsTimestampSec: number
  readonly answerUsd: number
  /** The oracles in the order of the feed's configuration: all observe, the first two sign. */
  readonly signers: readonly Pick<PrivateKeyAccount, 'sign'>[]
}

/**
 * Observations around an answer, ascending, one per oracle. The aggregator takes the one at `floor(n / 2)`
 * (libocr OCR2Aggregator._report), so that one is the answer itself.
 */
const observe = (answerRaw: bigint, oracles: number): bigint[] => {
  const step = answerRaw / 20_000n // half a basis point between neighbours
  const median = Math.floor(oracles / 2)
  return Array.from({ length: oracles }, (_, i) => answerRaw + BigInt(i - median) * step)
}

/** Returns the calldata of `transmit` with a report whose median is exactly the answer, signed by f + 1 oracles. */
export const transmitCalldata = async (transmission: Transmission): Promise<Hex> => {
  const { signers } = transmission
  const report = encodeAbiParameters(
    [{ type: 'uint32' }, { type: 'bytes32' }, { type: 'int192[]' }, { type: 'int192' }],
    [
      transmission.observationsTimestampSec,
      concat([
        ...signers.map((_, i) => numberToHex(i, { size: 1 })),
        numberToHex(0, { size: 32 - signers.length }),
      ]),
      observe(answerRawOf(transmission.answerUsd), signers.length),
      0n,
    ],
  )
  const context = [
    transmission.configDigest,
    numberToHex(transmission.epochAndRound, { size: 32 }),
    numberToHex(0, { size: 32 }),
  ] as const
  const hash = keccak256(concat([keccak256(report), ...context]))
  const signatures = await Promise.all(
    signers
      .slice(0, faultsTolerated + 1)
      .map(async (signer) => parseSignature(await signer.sign({ hash }))),
  )
  const parities = concat([
    ...signatures.map(({ yParity }) => numberToHex(yParity, { size: 1 })),
    numberToHex(0, { size: 32 - signatures.length }),
  ])
  return encodeFunctionData({
    abi: ocr2Abi,
    functionName: 'transmit',
    args: [context, report, signatures.map(({ r }) => r), signatures.map(({ s }) => s), parities],
  })
}
