import type { Address, Token } from '../core/types/chain.ts'
import type { Change } from '../core/types/change.ts'
import type { AaveMarket, AaveReserve, Feed, PoolKey } from '../core/types/market.ts'
import { bps, raw, ray, sec } from '../core/units.ts'

/** An asset of the tape's market with mainnet's parameters of October 2023. */
export interface TapeAsset {
  readonly asset: string
  readonly token: Token
  readonly usd: number
  readonly ltv: number
  readonly threshold: number
  readonly bonus: number
  readonly aggregator: Address
}

const address = (kind: string, n: number): Address =>
  `0x${kind}${n.toString(16).padStart(40 - kind.length, '0')}`

const tokens: readonly (readonly [
  string,
  string,
  Address,
  number,
  number,
  number,
  number,
  number,
])[] = [
  ['ETH', 'WETH', '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2', 18, 1_850, 8_050, 8_300, 10_500],
  ['BTC', 'WBTC', '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599', 8, 28_200, 7_300, 7_800, 10_500],
  ['LINK', 'LINK', '0x514910771af9ca656af840dff83e8264ecf986ca', 18, 6.5, 5_300, 6_800, 10_700],
  ['USDC', 'USDC', '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', 6, 1, 7_700, 7_900, 10_450],
  ['USDT', 'USDT', '0xdac17f958d2ee523a2206206994597c13d831ec7', 6, 1, 7_400, 7_600, 10_450],
  ['DAI', 'DAI', '0x6b175474e89094c44da98b954eedeac495271d0f', 18, 1, 6_700, 8_000, 10_400],
]

export const tapeAssets: readonly TapeAsset[] = tokens.map(
  ([asset, symbol, token, decimals, usd, ltv, threshold, bonus], n) => ({
    asset,
    token: { address: token, symbol, decimals },
    usd,
    ltv,
    threshold,
    bonus,
    aggregator: address('a66', n),
  }),
)

/** Returns an asset by its name in prices. */
export const assetOf = (name: string): TapeAsset => tapeAssets.find(({ asset }) => asset === name)!

const rayOf = (ratio: number): bigint => BigInt(Math.round(ratio * 1e9)) * 10n ** 18n

/** The market at its first reading; every index is one. */
export const tapeMarket = (timestampSec: number): AaveMarket => ({
  pool: address('9001', 0),
  revision: 3,
  emodes: [],
  reserves: tapeAssets.map(
    (it, id): AaveReserve => ({
      token: it.token,
      id,
      aToken: address('a70', id),
      variableDebtToken: address('deb7', id),
      ltvBps: bps(it.ltv),
      liquidationThresholdBps: bps(it.threshold),
      liquidationBonusBps: bps(it.bonus),
      protocolFeeBps: bps(1_000),
      emodeCategory: 0,
      active: true,
      paused: false,
      liquidityIndexRay: ray(rayOf(1)),
      variableBorrowIndexRay: ray(rayOf(1)),
      liquidityRateRay: ray(rayOf(0.02)),
      variableBorrowRateRay: ray(rayOf(0.04)),
      updatedSec: sec(timestampSec),
      aggregator: it.aggregator,
    }),
  ),
})

/** An answer with eight decimals. */
export const answerOf = (usd: number): bigint => BigInt(Math.round(usd * 1e8))

export const tapeFeeds = (timestampSec: number): readonly Feed[] =>
  tapeAssets.map((it, n) => ({
    aggregator: it.aggregator,
    proxy: address('9c0', n),
    asset: it.asset,
    decimals: 8,
    answerRaw: raw(answerOf(it.usd)),
    updatedSec: sec(timestampSec),
    roundId: 1,
    epochAndRound: 1,
    transmitters: [address('7a5', n)],
    minAnswerRaw: raw(1n),
    maxAnswerRaw: raw(10n ** 20n),
    heartbeatSec: sec(86_400),
    thresholdBps: bps(50),
  }))

const pairs: readonly (readonly [string, string, number, number])[] = [
  ['USDC', 'ETH', 500, 60_000],
  ['USDC', 'ETH', 3_000, 30_000],
  ['ETH', 'USDT', 500, 20_000],
  ['DAI', 'ETH', 3_000, 8_000],
  ['BTC', 'ETH', 500, 30_000],
  ['LINK', 'ETH', 3_000, 4_000],
  ['USDC', 'USDT', 100, 30_000],
]
const spacingOf: Readonly<Record<number, number>> = { 100: 1, 500: 10, 3000: 60 }

/** A pool and the two assets that it trades; `depthEth` is the worth of each side in ether. */
interface TapePool {
  readonly key: PoolKey
  readonly assets: readonly [string, string]
  readonly depthEth: number
}

const pools: readonly TapePool[] = pairs.map(([first, second, feePips, depthEth], n) => ({
  assets: [first, second],
  depthEth,
  key: {
    address: address('b001', n),
    token0: assetOf(first).token.address,
    token1: assetOf(second).token.address,
    feePips,
    tickSpacing: spacingOf[feePips]!,
  },
}))

export const tapePools: readonly PoolKey[] = pools.map(({ key }) => key)

const priceChange = (
  pool: TapePool,
  usdOf: (asset: string) => number,
): { readonly change: Change; readonly liquidity: bigint } => {
  const [a, b] = pool.assets.map(assetOf) as [TapeAsset, TapeAsset]
  const [usd0, usd1] = [usdOf(a.asset), usdOf(b.asset)]
  const price = (usd0 / usd1) * 10 ** (b.token.decimals - a.token.decimals)
  const amount0 = ((pool.depthEth * assetOf('ETH').usd) / a.usd) * 10 ** a.token.decimals
  const liquidity = BigInt(
    Math.round(amount0 * Math.sqrt((a.usd / b.usd) * 10 ** (b.token.decimals - a.token.decimals))),
  )
  return {
    liquidity,
    change: {
      type: 'pool/price',
      pool: pool.key.address,
      sqrtPriceX96: BigInt(Math.round(Math.sqrt(price) * 2 ** 48)) << 48n,
      tick: Math.floor(Math.log(price) / Math.log(1.0001)),
      liquidity,
    },
  }
}

/** Initialises every pool and fills it over all prices. */
export const poolHistory = (): readonly Change[] =>
  pools.flatMap((pool) => {
    const { change, liquidity } = priceChange(pool, (asset) => assetOf(asset).usd)
    if (change.type !== 'pool/price') return []
    const spacing = pool.key.tickSpacing
    const tickUpper = Math.floor(887_272 / spacing) * spacing
    const { liquidity: _none, ...initialised } = change
    return [
      initialised,
      {
        type: 'pool/liquidity',
        pool: pool.key.address,
        tickLower: -tickUpper,
        tickUpper,
        delta: liquidity,
      },
    ]
  })

/** A swap of the n-th pool, in turn, that leaves it at the given prices. */
export const poolSwap = (n: number, usdOf: (asset: string) => number): Change =>
  priceChange(pools[n % pools.length]!, usdOf).change
