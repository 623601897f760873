import { getAbiItem, toEventSelector } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { AaveChange } from '../../core/types/change.ts'
import type { AaveMarket } from '../../core/types/market.ts'
import { raw, ray, type Sec } from '../../core/units.ts'
import { configurationAbi, eventAbi, stableMintAbi } from './abi.ts'
import { rayDiv } from './ray-math.ts'
import { DIRECTED_REVISION } from './rounding.ts'

/** What of a log is decoded; viem's `Log` has it. */
export interface AaveLog {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly transactionHash: Hex | null
}

/** Turns the logs of one market into changes; the addresses and topics are what to ask a node for. */
export interface AaveDecoder {
  readonly addresses: readonly Address[]
  readonly topics: readonly Hex[]
  /** Returns what a log changes, nothing for logs of no concern; throws ProtocolError for one without its event's shape. */
  readonly decode: (log: AaveLog, blockSec: Sec) => readonly AaveChange[]
}

type Side = 'supply' | 'debt'
type Token = { readonly reserve: Address; readonly side: Side | 'stable' }

const selectorOf = (name: (typeof eventAbi)[number]['name']): Hex =>
  toEventSelector(getAbiItem({ abi: eventAbi, name }))

const dataUpdated = selectorOf('ReserveDataUpdated')
const enabled = selectorOf('ReserveUsedAsCollateralEnabled')
const disabled = selectorOf('ReserveUsedAsCollateralDisabled')
const emodeSet = selectorOf('UserEModeSet')
const liquidated = selectorOf('LiquidationCall')
const mint = selectorOf('Mint')
const burn = selectorOf('Burn')
const balanceTransfer = selectorOf('BalanceTransfer')
const stableMint = toEventSelector(stableMintAbi[0])
const configured = new Set(configurationAbi.map((event) => toEventSelector(event)))

const shapes: Readonly<Record<string, readonly [topics: number, words: number]>> = {
  [dataUpdated]: [2, 5],
  [enabled]: [3, 0],
  [disabled]: [3, 0],
  [emodeSet]: [2, 1],
  [liquidated]: [4, 4],
  [mint]: [3, 3],
  [burn]: [3, 3],
  [balanceTransfer]: [3, 2],
  [stableMint]: [3, 6],
}

/** Mirrors `ScaledBalanceTokenBase` (core-v3 1.19.3): a small burn emits Mint, whose amount is then negative. */
const scaledOf = (amountRaw: bigint, indexRay: bigint): bigint =>
  amountRaw < 0n ? -rayDiv(-amountRaw, ray(indexRay)) : rayDiv(amountRaw, ray(indexRay))

const poolChange = (log: AaveLog, blockSec: Sec, revision: number): readonly AaveChange[] => {
  switch (log.topics[0]) {
    case dataUpdated:
      return [
        {
          type: 'aave/index',
          reserve: topicAddress(log, 1),
          liquidityRateRay: ray(uint(log, 0)),
          variableBorrowRateRay: ray(uint(log, 2)),
          liquidityIndexRay: ray(uint(log, 3)),
          variableBorrowIndexRay: ray(uint(log, 4)),
          updatedSec: blockSec,
        },
      ]
    case enabled:
    case disabled:
      return [
        {
          type: 'aave/collateral',
          reserve: topicAddress(log, 1),
          account: topicAddress(log, 2),
          enabled: log.topics[0] === enabled,
        },
      ]
    case emodeSet:
      return [{ type: 'aave/emode', account: topicAddress(log, 1), category: Number(uint(log, 0)) }]
    case liquidated:
      return [
        // The collateral's reserve is brought up to the block, and no event says so.
        ...(revision >= DIRECTED_REVISION && uint(log, 3) !== 0n
          ? [{ type: 'aave/accrue', reserve: topicAddress(log, 1), updatedSec: blockSec } as const]
          : []),
        {
          type: 'aave/liquidation',
          collateral: topicAddress(log, 1),
          debt: topicAddress(log, 2),
          account: topicAddress(log, 3),
          repaidRaw: raw(uint(log, 0)),
          seizedRaw: raw(uint(log, 1)),
          liquidator: wordAddress(log, 2),
          txHash: log.transactionHash ?? '0x',
        },
      ]
    default:
      return []
  }
}

const tokenChange = (
  log: AaveLog,
  { reserve, side }: Token,
  revision: number,
): readonly AaveChange[] => {
  const topic = log.topics[0]
  if (side === 'stable') {
    const account = topicAddress(log, 2)
    return topic === stableMint ? [{ type: 'aave/stable-debt', reserve, account }] : []
  }
  const scaled = (account: Address, delta: bigint): readonly AaveChange[] =>
    delta === 0n ? [] : [{ type: 'aave/scaled', side, reserve, account, deltaRaw: raw(delta) }]
  const changed = (account: Address, delta: bigint): readonly AaveChange[] => {
    const index = uint(log, 2)
    if (revision < DIRECTED_REVISION) return scaled(account, scaledOf(delta, index))
    const amounts = { deltaRaw: raw(delta), indexRay: ray(index) }
    return delta === 0n ? [] : [{ type: 'aave/balance', side, reserve, account, ...amounts }]
  }
  switch (topic) {
    case mint:
      return changed(topicAddress(log, 2), uint(log, 0) - uint(log, 1))
    case burn:
      return changed(topicAddress(log, 1), -(uint(log, 0) + uint(log, 1)))
    case balanceTransfer:
      // The value is scaled already.
      return [
        ...scaled(topicAddress(log, 1), -uint(log, 0)),
        ...scaled(topicAddress(log, 2), uint(log, 0)),
      ]
    default:
      return []
  }
}

const tokensOf = (market: AaveMarket): ReadonlyMap<string, Token> => {
  const tokens = new Map<string, Token>()
  for (const { token, aToken, variableDebtToken, stableDebtToken } of market.reserves) {
    const reserve = token.address.toLowerCase() as Address
    tokens.set(aToken.toLowerCase(), { reserve, side: 'supply' })
    tokens.set(variableDebtToken.toLowerCase(), { reserve, side: 'debt' })
    if (stableDebtToken) tokens.set(stableDebtToken.toLowerCase(), { reserve, side: 'stable' })
  }
  return tokens
}

/** Creates the decoder of a market as it was read; reserves listed later need a new one. */
export const createAaveDecoder = (market: AaveMarket): AaveDecoder => {
  const pool = market.pool.toLowerCase()
  const tokens = tokensOf(market)
  const configurers = (market.configuredBy ?? []).map((address) => address.toLowerCase())
  return {
    addresses: [pool, ...tokens.keys(), ...configurers] as Address[],
    topics: [...Object.keys(shapes), ...configured] as Hex[],
    decode: (log, blockSec) => {
      const topic = log.topics[0]
      const emitter = log.address.toLowerCase()
      if (topic === undefined) return []
      if (configured.has(topic)) {
        return configurers.includes(emitter) ? [{ type: 'aave/config' }] : []
      }
      const shape = shapes[topic]
      const token = tokens.get(emitter)
      if (shape === undefined || (token === undefined && emitter !== pool)) return []
      expectShape(log, shape)
      return token === undefined
        ? poolChange(log, blockSec, market.revision)
        : tokenChange(log, token, market.revision)
    },
  }
}

const expectShape = (log: AaveLog, [topics, words]: readonly [number, number]): void => {
  if (log.topics.length === topics && log.data.length === 2 + 64 * words) return
  throw new ProtocolError(
    'AAVE_LOG_MALFORMED',
    `A log of ${log.address} has ${log.topics.length} topics and ${(log.data.length - 2) / 2} bytes, not the ${topics} topics and ${32 * words} bytes of ${log.topics[0]}. Drop it and check the market's addresses.`,
    { address: log.address, topics: log.topics, data: log.data },
  )
}

const word = (log: AaveLog, index: number): string =>
  log.data.slice(2 + 64 * index, 66 + 64 * index)

const uint = (log: AaveLog, index: number): bigint => BigInt(`0x${word(log, index)}`)

const wordAddress = (log: AaveLog, index: number): Address =>
  `0x${word(log, index).slice(24).toLowerCase()}`

const topicAddress = (log: AaveLog, index: number): Address =>
  `0x${log.topics[index]!.slice(26).toLowerCase()}`
