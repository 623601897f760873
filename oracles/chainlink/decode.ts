import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { FeedChange } from '../../core/types/change.ts'
import { raw, sec } from '../../core/units.ts'

/** Topics of an aggregator's logs that we follow (libocr OCR2Aggregator, AggregatorInterface). */
export const feedTopics = {
  /** `NewTransmission(uint32,int192,address,uint32,int192[],bytes,int192,bytes32,uint40)` */
  newTransmission: '0xc797025feeeaf2cd924c99e9205acb8ec04d5cad21c41ce637a38fb6dee6016a',
  /** `AnswerUpdated(int256,uint256,uint256)` */
  answerUpdated: '0x0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f',
  /** `ConfigSet(uint32,bytes32,uint64,address[],address[],uint8,bytes,uint64,bytes)`: its transmitters changed. */
  configSet: '0x1591690b8638f5fb2dbec82ac741805ac5da8b45dc5263f4875b0496fdce4e05',
} as const satisfies Record<string, Hex>

/** What is read of a log. */
export interface FeedLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly transactionHash: Hex
  readonly transactionIndex: number
}

const wordAt = (log: FeedLog, index: number): bigint => {
  const word = log.data.slice(2 + 64 * index, 66 + 64 * index)
  if (word.length !== 64)
    throw new ProtocolError(
      'FEED_LOG_SHORT',
      `Log ${log.topics[0]} of aggregator ${log.address} in ${log.transactionHash} has no word ${index}. Check that the address is an OCR2 aggregator.`,
      { log },
    )
  return BigInt(`0x${word}`)
}

const topicAt = (log: FeedLog, index: number): bigint => {
  const topic = log.topics[index]
  if (topic === undefined)
    throw new ProtocolError(
      'FEED_LOG_UNINDEXED',
      `Log ${log.topics[0]} of aggregator ${log.address} in ${log.transactionHash} has no topic ${index}. Check that the address is an OCR2 aggregator.`,
      { log },
    )
  return BigInt(topic)
}

/**
 * Returns the answers that logs of aggregators tell, in the order of the logs. `AnswerUpdated` says when an answer
 * counts from; the `NewTransmission` before it says which report it was, zero where an aggregator has none.
 */
export const decodeFeedLogs = (logs: readonly FeedLog[]): readonly FeedChange[] => {
  const reports = new Map<string, number>()
  const changes: FeedChange[] = []
  for (const log of logs) {
    const aggregator = log.address.toLowerCase() as Address
    if (log.topics[0] === feedTopics.newTransmission) {
      const key = `${log.transactionHash}:${aggregator}:${topicAt(log, 1)}`
      reports.set(key, Number(wordAt(log, 7)))
    } else if (log.topics[0] === feedTopics.answerUpdated) {
      const roundId = topicAt(log, 2)
      changes.push({
        type: 'feed/answer',
        aggregator,
        answerRaw: raw(BigInt.asIntN(256, topicAt(log, 1))),
        roundId: Number(roundId),
        epochAndRound: reports.get(`${log.transactionHash}:${aggregator}:${roundId}`) ?? 0,
        updatedSec: sec(Number(wordAt(log, 0))),
        txHash: log.transactionHash,
        txIndex: log.transactionIndex,
      })
    }
  }
  return changes
}
