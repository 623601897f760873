import {
  type AbiParameter,
  type AbiParameterToPrimitiveType,
  decodeAbiParameters,
  parseAbiParameters,
} from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Feed } from '../../core/types/market.ts'
import { bps, raw, sec } from '../../core/units.ts'

/** Views without arguments: their selectors, and what they return. */
const views = {
  aggregator: ['0x245a7bfc', parseAbiParameters('address')],
  decimals: ['0x313ce567', parseAbiParameters('uint8')],
  latestRoundData: ['0xfeaf968c', parseAbiParameters('uint80, int256, uint256, uint256, uint80')],
  minAnswer: ['0x22adbc78', parseAbiParameters('int192')],
  maxAnswer: ['0x70da2f67', parseAbiParameters('int192')],
  getTransmitters: ['0x666cab8d', parseAbiParameters('address[]')],
  latestTransmissionDetails: [
    '0xe5fe4577',
    parseAbiParameters('bytes32, uint32, uint8, int192, uint64'),
  ],
  getAuthorizedSenders: ['0x2408afaa', parseAbiParameters('address[]')],
} as const satisfies Record<string, readonly [Hex, readonly AbiParameter[]]>

type Views = typeof views
type Name = keyof Views
type Values<P extends readonly AbiParameter[]> = {
  readonly [I in keyof P]: AbiParameterToPrimitiveType<P[I]>
}
type Returned<N extends Name> = Values<Views[N][1]>

/** One call of a contract's view. */
export interface Call {
  readonly to: Address
  readonly data: Hex
}

/** What a call returned; undefined when it reverted. */
type Answer = Hex | undefined

/** A reading in rounds: yields calls to make at one block, takes their answers, returns what they tell. */
export type Reading<T> = Generator<readonly Call[], T, readonly Answer[]>

/** What the operator tells of a feed. */
export interface FeedSetting {
  readonly asset: string
  readonly proxy: Address
  readonly heartbeatSec: number
  readonly thresholdBps: number
}

const callOf = (to: Address, name: Name): Call => ({ to, data: views[name][0] })

const returned = <N extends Name>(name: N, data: Hex): Returned<N> =>
  decodeAbiParameters<readonly AbiParameter[]>(views[name][1], data) as Returned<N>

const decode = <N extends Name>(setting: FeedSetting, name: N, answer: Answer): Returned<N> => {
  try {
    // An address without code answers every call with nothing, which is no value either.
    return returned(name, answer ?? '0x')
  } catch (cause) {
    throw new ProtocolError(
      'FEED_UNREADABLE',
      `Feed ${setting.asset} at ${setting.proxy} answered ${name}() with ${answer ?? 'a revert'}. Give the proxy of an OCR2 aggregator.`,
      { setting, name, answer },
      { cause },
    )
  }
}

/** The proxy's round is `phase << 64 | the aggregator's round` (AggregatorProxy.addPhase). */
const aggregatorRoundOf = (proxyRound: bigint): number => Number(BigInt.asUintN(64, proxyRound))

/**
 * Reads a feed from its proxy (EACAggregatorProxy) and the OCR2 aggregator behind it.
 *
 * @throws ProtocolError `FEED_UNREADABLE` when one of them is not what it should be.
 */
export function* readFeed(setting: FeedSetting): Reading<Feed> {
  const { proxy } = setting
  const head = yield [
    callOf(proxy, 'aggregator'),
    callOf(proxy, 'decimals'),
    callOf(proxy, 'latestRoundData'),
  ]
  const [aggregator] = decode(setting, 'aggregator', head[0])
  const [roundId, answer, , updatedAt] = decode(setting, 'latestRoundData', head[2])
  const body = yield [
    callOf(aggregator, 'minAnswer'),
    callOf(aggregator, 'maxAnswer'),
    callOf(aggregator, 'getTransmitters'),
    callOf(aggregator, 'latestTransmissionDetails'),
  ]
  const [, epoch, round] = decode(setting, 'latestTransmissionDetails', body[3])
  return {
    aggregator: aggregator.toLowerCase() as Address,
    proxy,
    asset: setting.asset,
    decimals: decode(setting, 'decimals', head[1])[0],
    answerRaw: raw(answer),
    updatedSec: sec(Number(updatedAt)),
    roundId: aggregatorRoundOf(roundId),
    epochAndRound: epoch * 256 + round,
    transmitters: decode(setting, 'getTransmitters', body[2])[0],
    minAnswerRaw: raw(decode(setting, 'minAnswer', body[0])[0]),
    maxAnswerRaw: raw(decode(setting, 'maxAnswer', body[1])[0]),
    heartbeatSec: sec(setting.heartbeatSec),
    thresholdBps: bps(setting.thresholdBps),
  }
}

/**
 * Reads which of a feed's transmitters are forwarders (AuthorizedForwarder) and who may send through each; keys are
 * lower case. A transmitter that answers nothing is an account of its own.
 */
export function* readForwarders(
  transmitters: readonly Address[],
): Reading<ReadonlyMap<string, readonly Address[]>> {
  const answers = yield transmitters.map((transmitter) =>
    callOf(transmitter, 'getAuthorizedSenders'),
  )
  return new Map(
    transmitters.flatMap((transmitter, i) => {
      const data = answers[i]
      if (data === undefined || data === '0x') return []
      const [senders] = returned('getAuthorizedSenders', data)
      return [[transmitter.toLowerCase(), senders] as const]
    }),
  )
}
