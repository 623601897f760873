import { formatReserves, formatUserSummary } from '@aave/math-utils'
import type { AaveMarket, AaveReserve } from '../core/types/market.ts'
import type { GoldenMarket } from '../test/support/golden-health.ts'

/** Health factors of a market's accounts, in their order, as `@aave/math-utils` computes them. */
export interface HealthPeer {
  /** Formats the reserves and every account anew, as a tick of any price demands. */
  readonly evaluate: () => readonly number[]
}

const reserveOf = (reserve: AaveReserve, priceBase: bigint) => ({
  originalId: reserve.id,
  id: reserve.token.address,
  symbol: reserve.token.symbol,
  name: reserve.token.symbol,
  decimals: reserve.token.decimals,
  underlyingAsset: reserve.token.address.toLowerCase(),
  usageAsCollateralEnabled: true,
  reserveFactor: '0',
  baseLTVasCollateral: String(reserve.ltvBps),
  liquidityIndex: String(reserve.liquidityIndexRay),
  reserveLiquidationThreshold: String(reserve.liquidationThresholdBps),
  reserveLiquidationBonus: String(reserve.liquidationBonusBps),
  variableBorrowIndex: String(reserve.variableBorrowIndexRay),
  variableBorrowRate: String(reserve.variableBorrowRateRay),
  availableLiquidity: '0',
  liquidityRate: String(reserve.liquidityRateRay),
  totalScaledVariableDebt: '0',
  lastUpdateTimestamp: reserve.updatedSec,
  borrowCap: '0',
  supplyCap: '0',
  debtCeiling: '0',
  debtCeilingDecimals: 2,
  isolationModeTotalDebt: '0',
  virtualUnderlyingBalance: '0',
  deficit: '0',
  priceInMarketReferenceCurrency: String(priceBase),
})

/** The categories as later revisions have them: a bit for each reserve, no price of their own. */
const emodesOf = ({ reserves, emodes }: AaveMarket) =>
  emodes.map(({ category, liquidationThresholdBps, liquidationBonusBps }) => {
    const bits = reserves
      .filter(({ emodeCategory }) => emodeCategory === category)
      .reduce((bitmap, { id }) => bitmap | (1n << BigInt(id)), 0n)
    return {
      id: category,
      eMode: {
        ltv: '0',
        liquidationThreshold: String(liquidationThresholdBps),
        liquidationBonus: String(liquidationBonusBps),
        collateralBitmap: String(bits),
        borrowableBitmap: String(bits),
        ltvzeroBitmap: '0',
        isolated: false,
        label: '',
      },
    }
  })

/** Prepares what the peer takes, so that only its own work is measured. */
export const createHealthPeer = ({
  market,
  answers,
  accounts,
  timestampSec: currentTimestamp,
}: GoldenMarket): HealthPeer => {
  const reserves = market.reserves.map((reserve) =>
    reserveOf(reserve, answers[reserve.aggregator.toLowerCase()]!),
  )
  const eModes = emodesOf(market)
  const users = accounts.map(({ category, holdings }) => ({
    userEmodeCategoryId: category,
    userReserves: holdings.map(({ slot, suppliedRaw, owedRaw, collateral }) => ({
      underlyingAsset: reserves[slot]!.underlyingAsset,
      scaledATokenBalance: String(suppliedRaw),
      usageAsCollateralEnabledOnUser: collateral,
      scaledVariableDebt: String(owedRaw),
    })),
  }))
  const shared = { marketReferenceCurrencyDecimals: 8, currentTimestamp }
  return {
    evaluate: () => {
      const formattedReserves = formatReserves({
        ...shared,
        reserves,
        eModes,
        marketReferencePriceInUsd: '100000000',
      })
      return users.map((user) =>
        Number(
          formatUserSummary({
            ...shared,
            ...user,
            formattedReserves,
            marketReferencePriceInUsd: '100000000',
          }).healthFactor,
        ),
      )
    },
  }
}
