import { ProtocolError, TransientError } from '../../core/errors.ts'
import type { Address, Head, Hex } from '../../core/types/chain.ts'
import { gas, type Ms, sec, wei } from '../../core/units.ts'
import { fieldsOf } from './venue-adapter.ts'

const unfit = (what: string, value: unknown): ProtocolError =>
  new ProtocolError(
    'RPC_VALUE_UNFIT',
    `Drop the node's answer: ${what} is ${JSON.stringify(value)?.slice(0, 120)}.`,
    { what, value },
  )

/** Returns the fields of a JSON object; throws ProtocolError for anything else. */
export const objectOf = (what: string, value: unknown): Readonly<Record<string, unknown>> => {
  const fields = fieldsOf(value)
  if (!fields) throw unfit(what, value)
  return fields
}

/** Returns a quantity; throws ProtocolError when it is none. */
export const bigintOf = (what: string, value: unknown): bigint => {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw unfit(what, value)
  return BigInt(value)
}

/** Returns a quantity that fits a number; throws ProtocolError when it does not. */
export const numberOf = (what: string, value: unknown): number => {
  const number = Number(bigintOf(what, value))
  if (!Number.isSafeInteger(number)) throw unfit(what, value)
  return number
}

/** Returns bytes; throws ProtocolError when it is none. */
export const hexOf = (what: string, value: unknown): Hex => {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-f]{2})*$/i.test(value)) throw unfit(what, value)
  return value as Hex
}

/** Returns a hash of 32 bytes in lower case; throws ProtocolError when it is none. */
export const hashOf = (what: string, value: unknown): Hex => {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{64}$/i.test(value)) throw unfit(what, value)
  return value.toLowerCase() as Hex
}

/** Returns an address in lower case; throws ProtocolError when it is none. */
export const addressOf = (what: string, value: unknown): Address => {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{40}$/i.test(value)) throw unfit(what, value)
  return value.toLowerCase() as Address
}

/** Returns a number as a quantity. */
export const quantity = (number: number): Hex => `0x${number.toString(16)}`

/** Returns a block's head as a node tells it; throws TransientError for null, ProtocolError for what is no block. */
export const headOf = (value: unknown, seenMs: Ms): Head => {
  if (value === null)
    throw new TransientError('BLOCK_UNKNOWN', 'Ask for the block again: the node does not have it.')
  const block = objectOf('a block', value)
  return {
    number: numberOf('block number', block.number),
    hash: hashOf('block hash', block.hash),
    parentHash: hashOf('parent hash', block.parentHash),
    timestampSec: sec(numberOf('block timestamp', block.timestamp)),
    baseFeeWei: wei(bigintOf('base fee', block.baseFeePerGas)),
    gasUsed: gas(bigintOf('gas used', block.gasUsed)),
    gasLimit: gas(bigintOf('gas limit', block.gasLimit)),
    seenMs,
  }
}

/** One log as a node tells it. */
export interface ChainLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: number
  readonly blockHash: Hex
  readonly transactionHash: Hex
  readonly transactionIndex: number
  readonly logIndex: number
  /** Only some nodes tell it. */
  readonly blockTimestampSec: number | undefined
}

const logOf = (value: unknown): ChainLog => {
  const log = objectOf('a log', value)
  if (!Array.isArray(log.topics)) throw unfit('topics', log.topics)
  return {
    address: addressOf('log address', log.address),
    topics: log.topics.map((topic) => hashOf('topic', topic)),
    data: hexOf('log data', log.data),
    blockNumber: numberOf('log block number', log.blockNumber),
    blockHash: hashOf('log block hash', log.blockHash),
    transactionHash: hashOf('log transaction', log.transactionHash),
    transactionIndex: numberOf('log transaction index', log.transactionIndex),
    logIndex: numberOf('log index', log.logIndex),
    blockTimestampSec:
      log.blockTimestamp === undefined || log.blockTimestamp === null
        ? undefined
        : numberOf('log timestamp', log.blockTimestamp),
  }
}

/** Returns logs in the order of the chain, each once; throws ProtocolError for one outside what was asked. */
export const logsOf = (value: unknown, asked: (log: ChainLog) => boolean): readonly ChainLog[] => {
  if (!Array.isArray(value)) throw unfit('logs', value)
  const logs = value.map(logOf)
  const foreign = logs.find((log) => !asked(log))
  if (foreign) throw unfit('a log that was not asked for', foreign)
  logs.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex)
  return logs.filter((log, i) => {
    const before = logs[i - 1]
    return before?.blockNumber !== log.blockNumber || before.logIndex !== log.logIndex
  })
}
