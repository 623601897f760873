import { getAbiItem, toEventSelector } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { MorphoChange } from '../../core/types/change.ts'
import type { MorphoMarket } from '../../core/types/market.ts'
import { raw, type Sec, wad } from '../../core/units.ts'
import { factoryEventAbi, morphoEventAbi, rateEventAbi } from './abi.ts'

/** What of a log is decoded; viem's `Log` has it. */
export interface MorphoLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly transactionHash: Hex | null
}

/** Turns logs into changes of the markets that may be touched; addresses and topics are what to ask a node for. */
export interface MorphoDecoder {
  readonly addresses: readonly Address[]
  readonly topics: readonly Hex[]
  /** Returns what a log changes, nothing for logs of no concern; throws ProtocolError for one without its event's shape. */
  readonly decode: (log: MorphoLog, blockSec: Sec) => readonly MorphoChange[]
}

interface Shape {
  readonly topics: number
  readonly words: number
  /** The market that it speaks of; absent for an event of all markets. */
  readonly marketOf?: (log: MorphoLog) => Hex
  readonly changeOf: (log: MorphoLog, market: Hex, blockSec: Sec) => MorphoChange
}

const word = (log: MorphoLog, index: number): string =>
  log.data.slice(2 + 64 * index, 66 + 64 * index)

const uint = (log: MorphoLog, index: number): bigint => BigInt(`0x${word(log, index)}`)

const topicAddress = (log: MorphoLog, index: number): Address =>
  `0x${log.topics[index]!.slice(26).toLowerCase()}`

const firstTopic = (log: MorphoLog): Hex => log.topics[1]!.toLowerCase() as Hex
const firstWord = (log: MorphoLog): Hex => `0x${word(log, 0).toLowerCase()}`

const supply = (market: Hex, assets: bigint, shares: bigint): MorphoChange => ({
  type: 'morpho/supply',
  market,
  assetsRaw: raw(assets),
  sharesRaw: raw(shares),
})

const borrow = (market: Hex, account: Address, assets: bigint, shares: bigint): MorphoChange => ({
  type: 'morpho/borrow',
  market,
  account,
  assetsRaw: raw(assets),
  sharesRaw: raw(shares),
})

const collateral = (market: Hex, account: Address, delta: bigint): MorphoChange => ({
  type: 'morpho/collateral',
  market,
  account,
  deltaRaw: raw(delta),
})

const selectorOf = (name: (typeof morphoEventAbi)[number]['name']): Hex =>
  toEventSelector(getAbiItem({ abi: morphoEventAbi, name }))

const ofMarket = (topics: number, words: number, changeOf: Shape['changeOf']): Required<Shape> => ({
  topics,
  words,
  marketOf: firstTopic,
  changeOf,
})

const morphoShapes: Readonly<Record<Hex, Shape>> = {
  [selectorOf('CreateMarket')]: ofMarket(2, 5, (_, market, updatedSec) => ({
    type: 'morpho/created',
    market,
    updatedSec,
  })),
  [selectorOf('SetFee')]: ofMarket(2, 1, (log, market) => ({
    type: 'morpho/fee',
    market,
    feeWad: wad(uint(log, 0)),
  })),
  [selectorOf('AccrueInterest')]: ofMarket(2, 3, (log, market, updatedSec) => ({
    type: 'morpho/accrue',
    market,
    interestRaw: raw(uint(log, 1)),
    feeSharesRaw: raw(uint(log, 2)),
    updatedSec,
  })),
  [selectorOf('Supply')]: ofMarket(4, 2, (log, market) =>
    supply(market, uint(log, 0), uint(log, 1)),
  ),
  // Who calls is a topic of some events and a word of others.
  [selectorOf('Withdraw')]: ofMarket(4, 3, (log, market) =>
    supply(market, -uint(log, 1), -uint(log, 2)),
  ),
  [selectorOf('Borrow')]: ofMarket(4, 3, (log, market) =>
    borrow(market, topicAddress(log, 2), uint(log, 1), uint(log, 2)),
  ),
  [selectorOf('Repay')]: ofMarket(4, 2, (log, market) =>
    borrow(market, topicAddress(log, 3), -uint(log, 0), -uint(log, 1)),
  ),
  [selectorOf('SupplyCollateral')]: ofMarket(4, 1, (log, market) =>
    collateral(market, topicAddress(log, 3), uint(log, 0)),
  ),
  [selectorOf('WithdrawCollateral')]: ofMarket(4, 2, (log, market) =>
    collateral(market, topicAddress(log, 2), -uint(log, 1)),
  ),
  [selectorOf('Liquidate')]: ofMarket(4, 5, (log, market) => ({
    type: 'morpho/liquidation',
    market,
    account: topicAddress(log, 3),
    repaidRaw: raw(uint(log, 0)),
    repaidSharesRaw: raw(uint(log, 1)),
    seizedRaw: raw(uint(log, 2)),
    badDebtRaw: raw(uint(log, 3)),
    badDebtSharesRaw: raw(uint(log, 4)),
    liquidator: topicAddress(log, 2),
    txHash: log.transactionHash ?? '0x',
  })),
  [selectorOf('SetAuthorization')]: {
    topics: 4,
    words: 1,
    changeOf: (log) => ({
      type: 'morpho/authorization',
      account: topicAddress(log, 2),
      authorized: topicAddress(log, 3),
      enabled: uint(log, 0) !== 0n,
    }),
  },
}

const rateShapes: Readonly<Record<Hex, Shape>> = {
  [toEventSelector(rateEventAbi[0])]: ofMarket(2, 2, (log, market) => ({
    type: 'morpho/rate',
    market,
    rateAtTargetWad: wad(uint(log, 1)),
  })),
}

const factoryShapes: Readonly<Record<Hex, Shape>> = {
  [toEventSelector(factoryEventAbi[0])]: {
    topics: 2,
    words: 7,
    marketOf: firstWord,
    changeOf: (log, market) => ({
      type: 'morpho/pre-liquidation',
      market,
      preLiquidation: topicAddress(log, 1),
    }),
  },
}

const expectShape = (log: MorphoLog, { topics, words }: Shape): void => {
  if (log.topics.length === topics && log.data.length === 2 + 64 * words) return
  throw new ProtocolError(
    'MORPHO_LOG_MALFORMED',
    `A log of ${log.address} has ${log.topics.length} topics and ${(log.data.length - 2) / 2} bytes, not the ${topics} topics and ${32 * words} bytes of ${log.topics[0]}. Drop it and check Morpho's addresses.`,
    { address: log.address, topics: log.topics, data: log.data },
  )
}

/** Creates the decoder of the markets that may be touched: whatever others there are is left out. */
export const createMorphoDecoder = (
  markets: readonly Pick<MorphoMarket, 'id' | 'morpho' | 'irm' | 'rateModel'>[],
  preLiquidationFactory?: Address,
): MorphoDecoder => {
  const allowed = new Set<string>(markets.map(({ id }) => id.toLowerCase()))
  const shapesOf = new Map<string, Readonly<Record<Hex, Shape>>>()
  for (const { morpho, irm, rateModel } of markets) {
    shapesOf.set(morpho.toLowerCase(), morphoShapes)
    if (rateModel === 'adaptive-curve') shapesOf.set(irm.toLowerCase(), rateShapes)
  }
  if (preLiquidationFactory !== undefined) {
    shapesOf.set(preLiquidationFactory.toLowerCase(), factoryShapes)
  }
  return {
    addresses: [...shapesOf.keys()] as Address[],
    topics: [...new Set([...shapesOf.values()].flatMap(Object.keys))] as Hex[],
    decode: (log, blockSec) => {
      const shape = shapesOf.get(log.address.toLowerCase())?.[log.topics[0] ?? '0x']
      if (shape === undefined) return []
      expectShape(log, shape)
      const market = shape.marketOf?.(log) ?? '0x'
      if (shape.marketOf !== undefined && !allowed.has(market)) return []
      return [shape.changeOf(log, market, blockSec)]
    },
  }
}
