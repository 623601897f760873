import { type Abi, zeroAddress } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { AaveEmode, AaveMarket, AaveReserve } from '../../core/types/market.ts'
import { bps, type Raw, raw, ray, type Sec, sec } from '../../core/units.ts'
import { readAbi } from './abi.ts'
import { parseReserveConfiguration } from './reserve-configuration.ts'
import { rules30, rulesOf } from './rules.ts'

/** One `eth_call`, as viem's `multicall` takes it. */
export interface ReadCall {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** Batches of calls, each to be answered with one result per call, undefined for a call that failed; at last the value. */
export type Reading<T> = Generator<readonly ReadCall[], T, readonly unknown[]>

interface ReserveData {
  readonly configuration: { readonly data: bigint }
  readonly liquidityIndex: bigint
  readonly currentLiquidityRate: bigint
  readonly variableBorrowIndex: bigint
  readonly currentVariableBorrowRate: bigint
  readonly lastUpdateTimestamp: number
  readonly id: number
  readonly aTokenAddress: Address
  readonly stableDebtTokenAddress: Address
  readonly variableDebtTokenAddress: Address
}

interface EmodeData {
  readonly liquidationThreshold: number
  readonly liquidationBonus: number
  /** Up to revision 3. */
  readonly priceSource?: Address
  /** From revision 7 on. */
  readonly collateralBitmap?: bigint
}

/** What a reserve has beside its data from revision 7 on. */
interface LaterData {
  readonly graceUntilSec: Sec
  readonly virtualUnderlyingRaw: Raw
}

const USD_UNIT = 10n ** 8n
/** The mapping of e-mode categories is keyed by a byte, and zero is no category. */
const categories = Array.from({ length: 255 }, (_, index) => index + 1)

const callOf = (address: Address, functionName: string, ...args: readonly unknown[]): ReadCall => ({
  address,
  abi: readAbi,
  functionName,
  args,
})

/** Asks one batch; the answers are what the ABI says they are. */
function* ask<T>(calls: readonly ReadCall[]): Reading<readonly (T | undefined)[]> {
  const answers = yield calls
  if (answers.length === calls.length) return answers as readonly (T | undefined)[]
  throw new ProtocolError(
    'AAVE_READ_SHORT',
    `Answer each of the ${calls.length} calls: ${answers.length} answers came.`,
  )
}

function* askAll<T>(calls: readonly ReadCall[]): Reading<readonly T[]> {
  const answers = yield* ask<T>(calls)
  const failed = calls.find((_, index) => answers[index] === undefined)
  if (failed === undefined) return answers as readonly T[]
  throw new ProtocolError(
    'AAVE_READ_FAILED',
    `Check that an Aave V3 market stands there: ${failed.functionName}(${failed.args.join(', ')}) of ${failed.address} failed.`,
    { address: failed.address, functionName: failed.functionName },
  )
}

const reserveOf = (
  address: Address,
  data: ReserveData,
  symbol: string | undefined,
  aggregator: Address,
  later: LaterData | undefined,
): AaveReserve => {
  const { decimals, ...configuration } = parseReserveConfiguration(data.configuration.data)
  return {
    // A symbol that is no string, as early tokens have it, does not decode.
    token: { address, symbol: symbol ?? address.slice(0, 8), decimals },
    id: data.id,
    aToken: data.aTokenAddress,
    variableDebtToken: data.variableDebtTokenAddress,
    ...(data.stableDebtTokenAddress === zeroAddress
      ? {}
      : { stableDebtToken: data.stableDebtTokenAddress }),
    ...configuration,
    liquidityIndexRay: ray(data.liquidityIndex),
    variableBorrowIndexRay: ray(data.variableBorrowIndex),
    liquidityRateRay: ray(data.currentLiquidityRate),
    variableBorrowRateRay: ray(data.currentVariableBorrowRate),
    updatedSec: sec(data.lastUpdateTimestamp),
    aggregator,
    // What stood there names no category any more.
    ...(later === undefined ? {} : { emodeCategory: 0, ...later }),
  }
}

/** Returns the aggregators behind the oracle's sources of some assets; a source that is no proxy stands for itself. */
function* readAggregators(oracle: Address, assets: readonly Address[]): Reading<Address[]> {
  const sources = yield* askAll<Address>(
    assets.map((asset) => callOf(oracle, 'getSourceOfAsset', asset)),
  )
  const behind = yield* ask<Address>(sources.map((source) => callOf(source, 'aggregator')))
  return sources.map((source, index) => behind[index] ?? source)
}

function* readEmodes(pool: Address, revision: number): Reading<ReadonlyMap<number, EmodeData>> {
  const rules = rulesOf(revision)
  if (rules === undefined) return new Map()
  const isLater = rules !== rules30
  const name = isLater ? 'getEModeCategoryCollateralConfig' : 'getEModeCategoryData'
  const read = yield* askAll<EmodeData>(categories.map((category) => callOf(pool, name, category)))
  const used = categories.filter((_, index) => read[index]!.liquidationThreshold !== 0)
  const bitmaps = isLater
    ? yield* askAll<bigint>(
        used.map((category) => callOf(pool, 'getEModeCategoryCollateralBitmap', category)),
      )
    : []
  return new Map(
    used.map((category, index) => {
      const bitmap = bitmaps[index]
      const data = read[category - 1]!
      return [category, bitmap === undefined ? data : { ...data, collateralBitmap: bitmap }]
    }),
  )
}

function* readLater(
  pool: Address,
  revision: number,
  assets: readonly Address[],
): Reading<readonly (LaterData | undefined)[]> {
  const rules = rulesOf(revision)
  if (rules === undefined || rules === rules30) return []
  const graces = yield* askAll<number>(
    assets.map((asset) => callOf(pool, 'getLiquidationGracePeriod', asset)),
  )
  const balances = yield* askAll<bigint>(
    assets.map((asset) => callOf(pool, 'getVirtualUnderlyingBalance', asset)),
  )
  return graces.map((grace, index) => ({
    graceUntilSec: sec(grace),
    virtualUnderlyingRaw: raw(balances[index]!),
  }))
}

/**
 * Reads a market in a few batches of calls, all to be made at one and the same block; it makes none itself:
 * take a batch from `next()`, answer it with `next(results)`, until it is done.
 * Throws ProtocolError when the pool does not answer as an Aave V3 pool in US dollars does.
 */
export function* readMarket(pool: Address): Reading<AaveMarket> {
  const [revision, assets, provider] = (yield* askAll([
    callOf(pool, 'POOL_REVISION'),
    callOf(pool, 'getReservesList'),
    callOf(pool, 'ADDRESSES_PROVIDER'),
  ])) as readonly [bigint, readonly Address[], Address]
  const [oracle, sentinel, configurator] = (yield* askAll([
    callOf(provider, 'getPriceOracle'),
    callOf(provider, 'getPriceOracleSentinel'),
    callOf(provider, 'getPoolConfigurator'),
  ])) as readonly [Address, Address, Address]
  const [unit] = yield* askAll<bigint>([callOf(oracle, 'BASE_CURRENCY_UNIT')])
  if (unit !== USD_UNIT) {
    throw new ProtocolError(
      'AAVE_BASE_CURRENCY',
      `Take ${pool} off the markets: its oracle counts in units of ${unit}, not in US dollars with 8 decimals.`,
    )
  }
  const data = yield* askAll<ReserveData>(
    assets.map((asset) => callOf(pool, 'getReserveData', asset)),
  )
  const symbols = yield* ask<string>(assets.map((asset) => callOf(asset, 'symbol')))
  const emodes = yield* readEmodes(pool, Number(revision))
  const later = yield* readLater(pool, Number(revision), assets)
  const own = [...emodes.values()].map(({ priceSource }) => priceSource ?? zeroAddress)
  const priced = [...assets, ...own.filter((source) => source !== zeroAddress)]
  const aggregators = yield* readAggregators(oracle, priced)
  const aggregatorOf = new Map(priced.map((asset, index) => [asset, aggregators[index]!]))
  return {
    pool,
    revision: Number(revision),
    configuredBy: [configurator, provider, oracle],
    ...(sentinel === zeroAddress ? {} : { sentinel }),
    reserves: assets.map((asset, index) =>
      reserveOf(asset, data[index]!, symbols[index], aggregatorOf.get(asset)!, later[index]),
    ),
    emodes: [...emodes].map(
      ([category, { liquidationThreshold, liquidationBonus, priceSource, collateralBitmap }]) =>
        ({
          category,
          liquidationThresholdBps: bps(liquidationThreshold),
          liquidationBonusBps: bps(liquidationBonus),
          priceSource: aggregatorOf.get(priceSource ?? zeroAddress) ?? zeroAddress,
          ...(collateralBitmap === undefined ? {} : { collateralBitmap }),
        }) satisfies AaveEmode,
    ),
  }
}
