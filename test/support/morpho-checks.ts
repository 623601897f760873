import type { MorphoState } from '../../core/types/market.ts'
import { type Raw, raw, sec, wad } from '../../core/units.ts'
import { accrueInterest } from '../../protocols/morpho-blue/accrue.ts'
import { borrowRate } from '../../protocols/morpho-blue/adaptive-curve-irm.ts'
import { wExp } from '../../protocols/morpho-blue/exponential.ts'
import { type Asked, settle } from '../../protocols/morpho-blue/liquidate.ts'
import { oraclePrice } from '../../protocols/morpho-blue/oracle-price.ts'
import {
  type PreLiquidationOffer,
  preLiquidate,
  preLiquidationOffer,
} from '../../protocols/morpho-blue/pre-liquidate.ts'
import { scaleFactor } from '../../protocols/morpho-blue/scale-factor.ts'
import type { MorphoKind } from './morpho-vectors.ts'

type Text = string

interface WexpCase {
  readonly x: Text
  readonly expect: Text
}

interface RateCase {
  readonly totalSupplyAssets: Text
  readonly totalBorrowAssets: Text
  readonly elapsed: Text
  readonly startRateAtTarget: Text
  readonly expect: { readonly borrowRate: Text; readonly endRateAtTarget: Text }
}

interface MarketText {
  readonly totalSupplyAssets: Text
  readonly totalSupplyShares: Text
  readonly totalBorrowAssets: Text
  readonly totalBorrowShares: Text
  readonly lastUpdate: Text
  readonly rateAtTarget: Text
}

interface AccrueCase {
  readonly market: MarketText & { readonly fee: Text }
  readonly accruals: readonly (MarketText & {
    readonly timestamp: Text
    readonly event: {
      readonly prevBorrowRate: Text
      readonly interest: Text
      readonly feeShares: Text
    } | null
  })[]
}

interface FeedText {
  readonly decimals: number
  readonly answer: Text
}

interface VaultText {
  readonly assets: Text
  readonly shares: Text
}

interface OracleCase {
  readonly baseVault: VaultText | null
  readonly baseFeed1: FeedText | null
  readonly baseFeed2: FeedText | null
  readonly baseTokenDecimals: number
  readonly baseVaultConversionSample: Text
  readonly quoteVault: VaultText | null
  readonly quoteFeed1: FeedText | null
  readonly quoteFeed2: FeedText | null
  readonly quoteTokenDecimals: number
  readonly quoteVaultConversionSample: Text
  readonly expect: {
    readonly constructorRevert?: Text
    readonly scaleFactor?: Text
    readonly price?: Text
    readonly priceRevert?: Text
  }
}

interface ParamsText {
  readonly lltv: Text
  readonly preLltv: Text
  readonly preLCF1: Text
  readonly preLCF2: Text
  readonly preLIF1: Text
  readonly preLIF2: Text
}

interface PreLiquidationCase {
  readonly params: number
  readonly totalBorrowAssets: Text
  readonly totalBorrowShares: Text
  readonly collateral: Text
  readonly borrowShares: Text
  readonly preOraclePrice: Text
  readonly marketOraclePrice: Text
  readonly seizedAssets: Text
  readonly repaidShares: Text
  readonly expect: Readonly<Record<string, Text>>
}

export interface MorphoCases {
  readonly wexp: WexpCase
  readonly adaptive_curve_irm: RateCase
  readonly accrue_adaptive: AccrueCase
  readonly chainlink_oracle_v2: OracleCase
  readonly pre_liquidation: PreLiquidationCase
}

const rawOf = (text: Text): Raw => raw(BigInt(text))
const wadOf = (text: Text) => wad(BigInt(text))

const stateOf = (market: MarketText, fee: Text): MorphoState => ({
  supply: {
    assetsRaw: rawOf(market.totalSupplyAssets),
    sharesRaw: rawOf(market.totalSupplyShares),
  },
  borrow: {
    assetsRaw: rawOf(market.totalBorrowAssets),
    sharesRaw: rawOf(market.totalBorrowShares),
  },
  feeWad: wadOf(fee),
  rateAtTargetWad: wadOf(market.rateAtTarget),
  updatedSec: sec(Number(market.lastUpdate)),
})

const rateOf = (it: RateCase): unknown => {
  const none = raw(0n)
  const { averageRateWad, rateAtTargetWad } = borrowRate(
    { assetsRaw: rawOf(it.totalSupplyAssets), sharesRaw: none },
    { assetsRaw: rawOf(it.totalBorrowAssets), sharesRaw: none },
    wadOf(it.startRateAtTarget),
    BigInt(it.elapsed),
  )
  return { borrowRate: `${averageRateWad}`, endRateAtTarget: `${rateAtTargetWad}` }
}

/** Each accrual from what the one before it left, by our rules. */
const accrualsOf = ({ market, accruals }: AccrueCase): unknown => {
  let state = stateOf(market, market.fee)
  return accruals.map(({ timestamp }) => {
    const accrual = accrueInterest(state, 'adaptive-curve', sec(Number(timestamp)))
    const accrued = Number(timestamp) > state.updatedSec
    state = accrual.state
    return {
      timestamp,
      event: accrued
        ? {
            prevBorrowRate: `${accrual.averageRateWad}`,
            interest: `${accrual.interestRaw}`,
            feeShares: `${accrual.feeSharesRaw}`,
          }
        : null,
      totalSupplyAssets: `${state.supply.assetsRaw}`,
      totalSupplyShares: `${state.supply.sharesRaw}`,
      totalBorrowAssets: `${state.borrow.assetsRaw}`,
      totalBorrowShares: `${state.borrow.sharesRaw}`,
      lastUpdate: `${state.updatedSec}`,
      rateAtTarget: `${state.rateAtTargetWad}`,
    }
  })
}

const sideOf = (
  vault: VaultText | null,
  sample: Text,
  feeds: readonly (FeedText | null)[],
  side: string,
) => {
  const assetsRaw =
    vault === null ? 1n : (BigInt(sample) * BigInt(vault.assets)) / BigInt(vault.shares)
  return {
    vaultAssetsRaw: raw(assetsRaw),
    feeds: feeds.flatMap((feed, n) => (feed === null ? [] : [`0x${side}${n}` as const])),
  }
}

const oracleOf = (it: OracleCase): unknown => {
  const baseFeeds = [it.baseFeed1, it.baseFeed2]
  const quoteFeeds = [it.quoteFeed1, it.quoteFeed2]
  const decimals = (feeds: readonly (FeedText | null)[]): number[] =>
    feeds.flatMap((feed) => (feed === null ? [] : [feed.decimals]))
  const factor = scaleFactor(
    {
      hasVault: it.baseVault !== null,
      sampleRaw: rawOf(it.baseVaultConversionSample),
      feedDecimals: decimals(baseFeeds),
      tokenDecimals: it.baseTokenDecimals,
    },
    {
      hasVault: it.quoteVault !== null,
      sampleRaw: rawOf(it.quoteVaultConversionSample),
      feedDecimals: decimals(quoteFeeds),
      tokenDecimals: it.quoteTokenDecimals,
    },
  )
  if (typeof factor === 'string') return { constructorRevert: factor }
  const answers = new Map<string, Raw>()
  baseFeeds.forEach((feed, n) => {
    if (feed !== null) answers.set(`0xba5e${n}`, rawOf(feed.answer))
  })
  quoteFeeds.forEach((feed, n) => {
    if (feed !== null) answers.set(`0x900e${n}`, rawOf(feed.answer))
  })
  const price = oraclePrice(
    {
      scaleFactorRaw: factor,
      base: sideOf(it.baseVault, it.baseVaultConversionSample, baseFeeds, 'ba5e'),
      quote: sideOf(it.quoteVault, it.quoteVaultConversionSample, quoteFeeds, '900e'),
    },
    (feed) => answers.get(feed),
  )
  const scaled = { scaleFactor: `${factor}` }
  return typeof price === 'bigint'
    ? { ...scaled, price: `${price}` }
    : { ...scaled, priceRevert: price }
}

const preLiquidationOf = (it: PreLiquidationCase, params: ParamsText): unknown => {
  const asked = { seizeRaw: rawOf(it.seizedAssets), repaySharesRaw: rawOf(it.repaidShares) }
  const situation = {
    terms: {
      preLltvWad: wadOf(params.preLltv),
      closeFactor1Wad: wadOf(params.preLCF1),
      closeFactor2Wad: wadOf(params.preLCF2),
      incentiveFactor1Wad: wadOf(params.preLIF1),
      incentiveFactor2Wad: wadOf(params.preLIF2),
    },
    holding: { borrowSharesRaw: rawOf(it.borrowShares), collateralRaw: rawOf(it.collateral) },
    borrow: {
      assetsRaw: rawOf(it.totalBorrowAssets),
      sharesRaw: rawOf(it.totalBorrowShares),
    },
    prePriceRaw: rawOf(it.preOraclePrice),
    priceRaw: rawOf(it.marketOraclePrice),
    lltvWad: wadOf(params.lltv),
  }
  const result = preLiquidate(situation, asked)
  if (result === 'PreLiquidationTooLarge') {
    const offer = preLiquidationOffer(situation) as PreLiquidationOffer
    const settled = settle(
      asked,
      situation.borrow,
      situation.prePriceRaw,
      offer.incentiveFactorWad,
    ) as Asked
    return {
      revert: result,
      repaidSharesComputed: `${settled.repaySharesRaw}`,
      repayableShares: `${offer.repayableSharesRaw}`,
    }
  }
  if (typeof result === 'string') return { revert: result }
  return {
    seizedAssets: `${result.seizeRaw}`,
    repaidAssets: `${result.repayRaw}`,
    repaidShares: `${result.repaySharesRaw}`,
    totalBorrowAssetsAfter: `${result.borrow.assetsRaw}`,
    totalBorrowSharesAfter: `${result.borrow.sharesRaw}`,
    collateralAfter: `${result.holding.collateralRaw}`,
    borrowSharesAfter: `${result.holding.borrowSharesRaw}`,
  }
}

/** What our rules say of a case and what the genuine contract said, in the words of the vectors. */
export const checkMorphoCase = {
  wexp: (it: WexpCase) => ({ ours: `${wExp(BigInt(it.x))}`, theirs: it.expect }),
  adaptive_curve_irm: (it: RateCase) => ({ ours: rateOf(it), theirs: it.expect }),
  accrue_adaptive: (it: AccrueCase) => ({ ours: accrualsOf(it), theirs: it.accruals }),
  chainlink_oracle_v2: (it: OracleCase) => ({ ours: oracleOf(it), theirs: it.expect }),
  pre_liquidation: (it: PreLiquidationCase, params: readonly ParamsText[]) => ({
    ours: preLiquidationOf(it, params[it.params]!),
    theirs: it.expect,
  }),
} satisfies Readonly<Record<MorphoKind, unknown>>
