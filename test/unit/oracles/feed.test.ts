import { type Abi, decodeFunctionData, encodeFunctionResult, parseAbi, zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../core/errors.ts'
import type { Address, Hex } from '../../../core/types/chain.ts'
import {
  type Call,
  type Reading,
  readFeed,
  readForwarders,
} from '../../../oracles/chainlink/feed.ts'
import { aFeed, aggregator, transmitter } from '../../support/a-feed.ts'

const abi = parseAbi([
  'function aggregator() view returns (address)',
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function minAnswer() view returns (int192)',
  'function maxAnswer() view returns (int192)',
  'function getTransmitters() view returns (address[])',
  'function latestTransmissionDetails() view returns (bytes32 configDigest, uint32 epoch, uint8 round, int192 latestAnswer, uint64 latestTimestamp)',
  'function getAuthorizedSenders() view returns (address[])',
])

const setting = {
  asset: 'ETH',
  proxy: aFeed().proxy,
  heartbeatSec: 3600,
  thresholdBps: 50,
} as const

/** Plays the contracts: answers each call by viem's own encoder. */
const play = <T>(reading: Reading<T>, world: Record<string, Record<string, unknown>>): T => {
  const answer = ({ to, data }: Call): Hex | undefined => {
    const { functionName } = decodeFunctionData({ abi, data })
    const result = world[to.toLowerCase()]?.[functionName]
    return result === undefined
      ? undefined
      : encodeFunctionResult({ abi: abi as Abi, functionName, result })
  }
  let step = reading.next([])
  while (!step.done) step = reading.next(step.value.map(answer))
  return step.value
}

const phase = 6n << 64n
const world = {
  [setting.proxy.toLowerCase()]: {
    aggregator,
    decimals: 8,
    latestRoundData: [phase | 7n, 2000_00000000n, 0n, 1_700_000_000n, phase | 7n],
  },
  [aggregator]: {
    minAnswer: 1n,
    maxAnswer: 10n ** 14n,
    getTransmitters: [transmitter],
    latestTransmissionDetails: [zeroHash, 1, 0, 2000_00000000n, 1_700_000_000n],
  },
}

describe('readFeed', () => {
  test('default: reads the feed as proxy and aggregator tell it', () => {
    expect(play(readFeed(setting), world)).toEqual(aFeed())
  })

  test('error: ProtocolError', () => {
    expect(() => play(readFeed(setting), {})).toThrow(ProtocolError)
    expect(() => play(readFeed(setting), { ...world, [aggregator]: {} })).toThrow(
      /minAnswer|latestTransmissionDetails/,
    )
  })
})

describe('readForwarders', () => {
  test('default: only contracts that tell their senders are forwarders', () => {
    const forwarder: Address = '0x5DA8FBE7E2FC88FD61c1B5EE8be06102f5Bb9F07'
    const senders = { getAuthorizedSenders: [transmitter] }
    expect(
      play(readForwarders([transmitter, forwarder]), { [forwarder.toLowerCase()]: senders }),
    ).toEqual(new Map([[forwarder.toLowerCase(), [transmitter]]]))
  })
})
