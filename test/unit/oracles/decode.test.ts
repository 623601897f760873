import { encodeAbiParameters, encodeEventTopics, numberToHex, parseAbi, zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../core/errors.ts'
import type { Hex } from '../../../core/types/chain.ts'
import { decodeFeedLogs, type FeedLog, feedTopics } from '../../../oracles/chainlink/decode.ts'
import { aggregator, transmitter } from '../../support/a-feed.ts'

const abi = parseAbi([
  'event NewTransmission(uint32 indexed aggregatorRoundId, int192 answer, address transmitter, uint32 observationsTimestamp, int192[] observations, bytes observers, int192 juelsPerFeeCoin, bytes32 configDigest, uint40 epochAndRound)',
  'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
  'event ConfigSet(uint32 previousConfigBlockNumber, bytes32 configDigest, uint64 configCount, address[] signers, address[] transmitters, uint8 f, bytes onchainConfig, uint64 offchainConfigVersion, bytes offchainConfig)',
])

const log = (topics: readonly unknown[], data: Hex, index = 3): FeedLog => ({
  address: '0xE62B71cf983019BFf55bC83B48601ce8419650CC',
  topics: topics as readonly Hex[],
  data,
  transactionHash: numberToHex(index, { size: 32 }),
  transactionIndex: index,
})

const transmission = (round: number, epochAndRound: number): FeedLog =>
  log(
    encodeEventTopics({ abi, eventName: 'NewTransmission', args: { aggregatorRoundId: round } }),
    encodeAbiParameters(
      [
        { type: 'int192' },
        { type: 'address' },
        { type: 'uint32' },
        { type: 'int192[]' },
        { type: 'bytes' },
        { type: 'int192' },
        { type: 'bytes32' },
        { type: 'uint40' },
      ],
      [1671_44000000n, transmitter, 1_692_308_390, [1n, 2n], '0x0102', 0n, zeroHash, epochAndRound],
    ),
  )

const answered = (current: bigint, roundId: bigint): FeedLog =>
  log(
    encodeEventTopics({ abi, eventName: 'AnswerUpdated', args: { current, roundId } }),
    numberToHex(1_692_308_400, { size: 32 }),
  )

describe('decodeFeedLogs', () => {
  test('default: an answer with its report and its time', () => {
    expect(
      decodeFeedLogs([transmission(41, 0x1650001), answered(1671_44000000n, 41n)]),
    ).toMatchInlineSnapshot(`
      [
        {
          "aggregator": "0xe62b71cf983019bff55bc83b48601ce8419650cc",
          "answerRaw": 167144000000n,
          "epochAndRound": 23396353,
          "roundId": 41,
          "txHash": "0x0000000000000000000000000000000000000000000000000000000000000003",
          "txIndex": 3,
          "type": "feed/answer",
          "updatedSec": 1692308400,
        },
      ]
    `)
  })

  test('behavior: an answer without a report has no epoch', () => {
    const [change] = decodeFeedLogs([transmission(40, 5), answered(-1n, 41n)])
    expect(change).toMatchObject({ answerRaw: -1n, epochAndRound: 0, aggregator })
  })

  test('behavior: other logs are passed over', () => {
    expect(decodeFeedLogs([log([feedTopics.configSet], '0x')])).toEqual([])
  })

  test('error: ProtocolError', () => {
    expect(() => decodeFeedLogs([{ ...transmission(1, 1), data: '0x' }])).toThrow(ProtocolError)
    expect(() => decodeFeedLogs([log([feedTopics.answerUpdated], '0x')])).toThrow(ProtocolError)
  })
})

describe('feedTopics', () => {
  test('default: are the hashes of the signatures', () => {
    expect(Object.values(feedTopics)).toEqual([
      encodeEventTopics({ abi, eventName: 'NewTransmission' })[0],
      encodeEventTopics({ abi, eventName: 'AnswerUpdated' })[0],
      encodeEventTopics({ abi, eventName: 'ConfigSet' })[0],
    ])
  })
})
