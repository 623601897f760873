import type { Bps, Raw, Ray, Sec } from '../units.ts'
import type { Address, Token } from './chain.ts'

/** One reserve of an Aave V3 market, as its configuration stands at a block. */
export interface AaveReserve {
  readonly token: Token
  readonly id: number
  readonly aToken: Address
  readonly variableDebtToken: Address
  /** Absent where the market has no stable debt, as from revision 5 on. */
  readonly stableDebtToken?: Address
  readonly ltvBps: Bps
  readonly liquidationThresholdBps: Bps
  /** 10,500 for a bonus of 5 %. */
  readonly liquidationBonusBps: Bps
  readonly protocolFeeBps: Bps
  readonly emodeCategory: number
  readonly active: boolean
  readonly paused: boolean
  readonly liquidityIndexRay: Ray
  readonly variableBorrowIndexRay: Ray
  readonly liquidityRateRay: Ray
  readonly variableBorrowRateRay: Ray
  readonly updatedSec: Sec
  /** The aggregator behind the proxy that the protocol's oracle reads for this asset. */
  readonly aggregator: Address
}

export interface AaveEmode {
  readonly category: number
  readonly liquidationThresholdBps: Bps
  readonly liquidationBonusBps: Bps
  /** The aggregator behind the category's own price source; zero when it has none. */
  readonly priceSource: Address
}

/** An Aave V3 market as it was read from the chain at a block; the book follows it from there by its logs. */
export interface AaveMarket {
  readonly pool: Address
  readonly revision: number
  /** Contracts whose logs say that the configuration changed: configurator, addresses provider, price oracle. */
  readonly configuredBy?: readonly Address[]
  /** Absent when no price oracle sentinel is set; a market with one is followed and never acted upon. */
  readonly sentinel?: Address
  readonly reserves: readonly AaveReserve[]
  readonly emodes: readonly AaveEmode[]
}

/** One oracle feed, keyed by its aggregator. */
export interface Feed {
  readonly aggregator: Address
  readonly proxy: Address
  /** The asset's name in prices, e.g. `ETH`. */
  readonly asset: string
  readonly decimals: number
  readonly answerRaw: Raw
  readonly updatedSec: Sec
  readonly roundId: number
  readonly epochAndRound: number
  readonly transmitters: readonly Address[]
  readonly minAnswerRaw: Raw
  readonly maxAnswerRaw: Raw
  readonly heartbeatSec: Sec
  readonly thresholdBps: Bps
}

/** What never changes of a Uniswap V3 pool. */
export interface PoolKey {
  readonly address: Address
  readonly token0: Address
  readonly token1: Address
  /** In hundredths of a basis point: 500 is 0.05 %. */
  readonly feePips: number
  readonly tickSpacing: number
}
