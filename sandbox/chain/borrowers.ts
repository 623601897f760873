import { ConfigError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import { uniform } from '../price-path.ts'
import type { Scenario } from '../scenario.ts'
import { borrowerAddress } from './accounts.ts'
import { healthFactorWad } from './health-factor.ts'
import type { Asset } from './mainnet.ts'
import { parameters } from './parameters.ts'

/** An asset that borrowers may use, at the oracle's price. */
export interface PricedAsset extends Asset {
  /** The oracle's answer, eight decimals. */
  readonly answerRaw: bigint
}

/** What a borrower holds of one reserve once its position is open. */
export interface Holding {
  readonly asset: PricedAsset
  readonly amountRaw: bigint
}

/** A position before it is opened. */
export interface BorrowerPlan {
  readonly address: Address
  readonly collateral: readonly Holding[]
  /** What must be supplied of each collateral for the loan to be granted; more than is kept where the LTV demands it. */
  readonly suppliedRaw: readonly bigint[]
  readonly debt: readonly Holding[]
}

type Positions = Scenario['positions']

/** Interest moves a health factor by less than this until the scenario starts. */
const margin = 5e-5
/** A loan is granted with this much to spare below the LTV. */
const slack = 1.002

const baseOf = ({ asset, amountRaw }: Holding): bigint =>
  (amountRaw * asset.answerRaw) / 10n ** BigInt(asset.decimals)

const totalBase = (holdings: readonly Holding[]): bigint =>
  holdings.reduce((total, holding) => total + baseOf(holding), 0n)

/** A Pareto variable above `minUsd`, cut off at `maxUsd`, by inversion of its distribution. */
const debtUsd = ({ minUsd, maxUsd, tailExponent }: Positions, u: number): number =>
  minUsd * (1 - u * (1 - (minUsd / maxUsd) ** tailExponent)) ** (-1 / tailExponent)

/** Squaring puts half of all accounts into the lowest quarter of the range. */
const healthFactor = ({ healthFactor: [low, high] }: Positions, u: number): number => {
  const inset = Math.min(margin, (high - low) / 4)
  return low + inset + (high - low - 2 * inset) * u ** 2
}

const pick = <Of extends { readonly weight: number }>(choices: readonly Of[], u: number): Of => {
  let left = u * choices.reduce((total, { weight }) => total + weight, 0)
  for (const choice of choices) {
    left -= choice.weight
    if (left < 0) return choice
  }
  return choices.at(-1)!
}

/** Divides one into as many shares, the first between 35 % and 65 % of an even division's two. */
const sharesOf = (count: number, drawn: (i: number) => number): number[] => {
  const weights = Array.from({ length: count }, (_, i) => 0.35 + 0.3 * drawn(i))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / total)
}

const holdingOf = (asset: PricedAsset, usd: number): Holding => ({
  asset,
  amountRaw: BigInt(Math.round((usd * 1e8 * 10 ** asset.decimals) / Number(asset.answerRaw))),
})

const weightedBy = (holdings: readonly Holding[], bpsOf: (symbol: string) => number) =>
  holdings.map((holding) => ({
    base: baseOf(holding),
    thresholdBps: BigInt(bpsOf(holding.asset.symbol)),
  }))

const scaled = (holding: Holding, factor: number): Holding => ({
  ...holding,
  amountRaw: (holding.amountRaw * BigInt(Math.round(factor * 1e15))) / 10n ** 15n,
})

const ratioOf = (
  holdings: readonly Holding[],
  bpsOf: (symbol: string) => number,
  debtBase: bigint,
): number => Number(healthFactorWad(weightedBy(holdings, bpsOf), debtBase)) / 1e18

/** Returns the scenario's borrowers, the same ones for the same seed; throws a ConfigError when the market is too small. */
export const planBorrowers = (
  scenario: Scenario,
  bySymbol: (symbol: string) => PricedAsset,
): BorrowerPlan[] => {
  const { positions, seed, markets } = scenario
  const plans = Array.from({ length: positions.count }, (_, number): BorrowerPlan => {
    const draw = (...what: readonly (string | number)[]): number =>
      uniform(seed, 'borrower', number, ...what)
    const mix = pick(positions.mix, draw('mix'))
    const split = (symbols: readonly string[], side: string, usd: number): Holding[] => {
      const shares = sharesOf(symbols.length, (i) => draw(side, i))
      return symbols.map((symbol, i) => holdingOf(bySymbol(symbol), usd * shares[i]!))
    }
    const debt = split(mix.debt, 'debt', debtUsd(positions, draw('debt')))
    const debtBase = totalBase(debt)
    // As much collateral as debt to begin with, then scaled to the health factor wanted.
    const even = split(mix.collateral, 'collateral', Number(debtBase) / 1e8)
    const threshold = (symbol: string): number => parameters[symbol]!.liquidationThresholdBps
    const wanted = healthFactor(positions, draw('health')) / ratioOf(even, threshold, debtBase)
    const collateral = even.map((holding) => scaled(holding, wanted))
    const granted = ratioOf(collateral, (symbol) => parameters[symbol]!.ltvBps, debtBase)
    const excess = Math.max(1, slack / granted)
    const suppliedRaw = collateral.map((holding) => scaled(holding, excess).amountRaw)
    return { address: borrowerAddress(number), collateral, suppliedRaw, debt }
  })

  const demandUsd = new Map<string, number>()
  for (const holding of plans.flatMap(({ debt }) => debt)) {
    const { symbol } = holding.asset
    demandUsd.set(symbol, (demandUsd.get(symbol) ?? 0) + Number(baseOf(holding)) / 1e8)
  }
  for (const [symbol, usd] of demandUsd) {
    const supplyUsd = (markets[symbol]!.supplied * Number(bySymbol(symbol).answerRaw)) / 1e8
    if (usd > 0.9 * supplyUsd) {
      throw new ConfigError(
        'SCENARIO_SUPPLY_SHORT',
        `Raise markets.${symbol}.supplied of scenario "${scenario.name}": its borrowers ask for ${Math.round(usd)} dollars of ${Math.round(supplyUsd)}.`,
        { symbol, usd, supplyUsd },
      )
    }
  }
  return plans
}
