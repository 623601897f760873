import { toEventSelector } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { PoolChange } from '../../core/types/change.ts'
import type { PoolKey } from '../../core/types/market.ts'

/** What of a log is decoded; viem's `Log` has it. */
export interface PoolLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
}

const initialize = toEventSelector('event Initialize(uint160, int24)')
const mint = toEventSelector(
  'event Mint(address, address, int24, int24, uint128, uint256, uint256)',
)
const burn = toEventSelector('event Burn(address, int24, int24, uint128, uint256, uint256)')
const swap = toEventSelector(
  'event Swap(address, address, int256, int256, uint160, uint128, int24)',
)

/** The first topics of the logs that change what a pool quotes, as `UniswapV3Pool` (v3-core 1.0.1) emits them. */
export const poolTopics: readonly Hex[] = [initialize, mint, burn, swap]

/** The first topic of `UniswapV3Factory.PoolCreated`. */
export const poolCreatedTopic: Hex = toEventSelector(
  'event PoolCreated(address, address, uint24, int24, address)',
)

const lengths: Readonly<Record<string, readonly [topics: number, words: number]>> = {
  [initialize]: [1, 2],
  [mint]: [4, 4],
  [burn]: [4, 3],
  [swap]: [3, 5],
  [poolCreatedTopic]: [4, 2],
}

/**
 * Returns what a log of a followed pool changes, nothing for logs that change no quote.
 * Throws ProtocolError when a log does not have the shape of its topic.
 */
export const decodePoolLog = (log: PoolLog): readonly PoolChange[] => {
  const topic = log.topics[0]
  if (topic === undefined || !poolTopics.includes(topic)) return []
  expectShape(log, topic)
  const pool = log.address.toLowerCase() as Address
  if (topic === initialize)
    return [{ type: 'pool/price', pool, sqrtPriceX96: uint(log, 0), tick: int(word(log, 1)) }]
  if (topic === swap)
    return [
      {
        type: 'pool/price',
        pool,
        sqrtPriceX96: uint(log, 2),
        tick: int(word(log, 4)),
        liquidity: uint(log, 3),
      },
    ]
  const amount = topic === mint ? uint(log, 1) : -uint(log, 0)
  // Burning nothing is how a position's fees are brought up to date: no liquidity moves.
  if (amount === 0n) return []
  const tickLower = int(log.topics[2]!)
  const tickUpper = int(log.topics[3]!)
  return [{ type: 'pool/liquidity', pool, tickLower, tickUpper, delta: amount }]
}

/** Returns the pool that a log of the factory announces; throws ProtocolError for any other log. */
export const decodePoolCreated = (log: PoolLog): PoolKey => {
  expectShape(log, poolCreatedTopic)
  return {
    address: addressOf(word(log, 1)),
    token0: addressOf(log.topics[1]!),
    token1: addressOf(log.topics[2]!),
    feePips: int(log.topics[3]!),
    tickSpacing: int(word(log, 0)),
  }
}

const expectShape = (log: PoolLog, topic: Hex): void => {
  const [topics, words] = lengths[topic]!
  if (log.topics[0] === topic && log.topics.length === topics && log.data.length === 2 + 64 * words)
    return
  throw new ProtocolError(
    'POOL_LOG_MALFORMED',
    `A log of ${log.address} has ${log.topics.length} topics from ${log.topics[0]} on and ${(log.data.length - 2) / 2} bytes, not the ${topics} topics and ${32 * words} bytes of ${topic}. Drop it and check the pool list.`,
    { address: log.address, topics: log.topics, data: log.data },
  )
}

const word = (log: PoolLog, index: number): Hex => {
  const start = 2 + 64 * index
  return `0x${log.data.slice(start, start + 64)}`
}

const uint = (log: PoolLog, index: number): bigint => BigInt(word(log, index))

/** Ticks, fees and spacings have 24 bits: the last six digits of their word, sign-extended. */
const int = (digits: Hex): number => (Number.parseInt(digits.slice(-6), 16) << 8) >> 8

const addressOf = (digits: Hex): Address => `0x${digits.slice(-40).toLowerCase()}`
