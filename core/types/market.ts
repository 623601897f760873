import type { Bps, Raw, Ray, Sec, Wad } from '../units.ts'
import type { Address, Hex, Token } from './chain.ts'

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
  /** After a pause nobody is liquidated until then; from revision 4 on. */
  readonly graceUntilSec?: Sec
  /** What the pool has to pay out by its own account; from revision 4 on. */
  readonly virtualUnderlyingRaw?: Raw
}

export interface AaveEmode {
  readonly category: number
  readonly liquidationThresholdBps: Bps
  readonly liquidationBonusBps: Bps
  /** The aggregator behind the category's own price source; zero when it has none. */
  readonly priceSource: Address
  /** The reserves that are collateral by its terms, a bit for each id; from revision 5 on, where reserves name no category. */
  readonly collateralBitmap?: bigint
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

/** One side of a Morpho Blue market, lent or borrowed: what it comes to, and the shares that it is divided into. */
export interface MorphoTotals {
  readonly assetsRaw: Raw
  readonly sharesRaw: Raw
}

/** What time and the acts of its users make of a Morpho Blue market. */
export interface MorphoState {
  readonly supply: MorphoTotals
  readonly borrow: MorphoTotals
  /** The market's part of the interest. */
  readonly feeWad: Wad
  /** What the adaptive rate model remembers, per second; zero before its first call and for markets without it. */
  readonly rateAtTargetWad: Wad
  /** When interest was last accrued; without a rate model when the market was created, zero before. */
  readonly updatedSec: Sec
}

/** One side of a MorphoChainlinkOracleV2: what is priced, or what it is priced in. */
export interface MorphoOracleSide {
  /** `convertToAssets` of the conversion sample, as it was read; one without a vault. */
  readonly vaultAssetsRaw: Raw
  /** The aggregators behind the side's feeds, at most two; their answers are multiplied. */
  readonly feeds: readonly Address[]
}

/** How a market is priced; one that is not understood makes it a market that is only watched. */
export type MorphoOracle =
  | {
      readonly kind: 'chainlink-v2'
      readonly address: Address
      readonly scaleFactorRaw: Raw
      readonly base: MorphoOracleSide
      readonly quote: MorphoOracleSide
    }
  | { readonly kind: 'unknown'; readonly address: Address }

/** A PreLiquidation contract of a market; factors grow from the first to the second between `preLltv` and the market's `lltv`. */
export interface MorphoPreLiquidation {
  readonly address: Address
  readonly preLltvWad: Wad
  readonly closeFactor1Wad: Wad
  readonly closeFactor2Wad: Wad
  readonly incentiveFactor1Wad: Wad
  readonly incentiveFactor2Wad: Wad
  readonly oracle: MorphoOracle
}

/** What an account owes and has deposited in one market; what it lends is not followed. */
export interface MorphoPosition {
  readonly account: Address
  readonly borrowSharesRaw: Raw
  readonly collateralRaw: Raw
  /** PreLiquidation contracts that may act for the account. */
  readonly authorized: readonly Address[]
}

/** A Morpho Blue market as it was read from the chain at a block. */
export interface MorphoMarket {
  readonly morpho: Address
  readonly id: Hex
  readonly loan: Token
  readonly collateral: Token
  readonly oracle: MorphoOracle
  readonly irm: Address
  /** Without a rate model no interest accrues; one that is not understood makes the market one that is only watched. */
  readonly rateModel: 'none' | 'adaptive-curve' | 'unknown'
  readonly lltvWad: Wad
  readonly preLiquidations: readonly MorphoPreLiquidation[]
  readonly state: MorphoState
  /** Whoever owes or has deposited anything; absent where the book learns state and positions from logs alone. */
  readonly positions?: readonly MorphoPosition[]
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
