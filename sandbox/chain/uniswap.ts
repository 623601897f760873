import { encodeAbiParameters, getCreate2Address, keccak256, parseAbi } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from './accounts.ts'
import { artifact, initCode } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { Placed } from './construct.ts'
import { type Asset, mainnet } from './mainnet.ts'

/** A pool that the scenario asks for. */
export interface PoolPlan {
  readonly token0: Asset
  readonly token1: Asset
  readonly usd0: number
  readonly usd1: number
  readonly feePips: number
  readonly depthUsd: number
}

/** Where a scenario's pool puts its value: the half width of a range around the price, and its share. */
const ranges = [
  { widthBps: undefined, share: 0.2 },
  { widthBps: 2_000, share: 0.4 },
  { widthBps: 500, share: 0.25 },
  { widthBps: 150, share: 0.15 },
] as const

/** Tick spacing by fee, as the factory has it; mainnet's governance added the tier of 100 pips. */
export const tickSpacings: Readonly<Record<number, number>> = {
  100: 1,
  500: 10,
  3000: 60,
  10000: 200,
}

const outermostTick = 887_272
const tickBase = Math.log(1.0001)

/** Returns the address at which the factory creates a pool (UniswapV3PoolDeployer.deploy). */
export const poolAddress = (token0: Address, token1: Address, feePips: number): Address =>
  getCreate2Address({
    from: mainnet.uniswapV3Factory,
    salt: keccak256(
      encodeAbiParameters(
        [{ type: 'address' }, { type: 'address' }, { type: 'uint24' }],
        [token0, token1, feePips],
      ),
    ),
    bytecodeHash: keccak256(artifact('@uniswap/v3-core', 'UniswapV3Pool').bytecode),
  })

/** Returns Uniswap's contracts at mainnet's addresses. */
export const placedUniswap = (weth: Address): Placed[] => {
  const factory = mainnet.uniswapV3Factory
  const periphery = (contract: string, args: readonly unknown[]) =>
    initCode(artifact('@uniswap/v3-periphery', contract), args)
  return [
    {
      what: 'UniswapV3Factory',
      address: factory,
      initCode: initCode(artifact('@uniswap/v3-core', 'UniswapV3Factory')),
    },
    {
      what: 'NonfungiblePositionManager',
      address: mainnet.nonfungiblePositionManager,
      initCode: periphery('NonfungiblePositionManager', [
        factory,
        weth,
        mainnet.positionDescriptor,
      ]),
    },
    {
      what: 'SwapRouter',
      address: mainnet.swapRouter,
      initCode: periphery('SwapRouter', [factory, weth]),
    },
    {
      what: 'QuoterV2',
      address: mainnet.quoterV2,
      initCode: periphery('lens/QuoterV2', [factory, weth]),
    },
  ]
}

const squareRoot = (n: bigint): bigint => {
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Returns the square root of the pool's price as `slot0` holds it, at these prices in dollars. */
export const sqrtPriceX96Of = ({
  token0,
  token1,
  usd0,
  usd1,
}: Omit<PoolPlan, 'feePips' | 'depthUsd'>): bigint => {
  const scaled = (usd: number): bigint => BigInt(Math.round(usd * 1e12))
  const numerator = scaled(usd0) * 10n ** BigInt(token1.decimals)
  const denominator = scaled(usd1) * 10n ** BigInt(token0.decimals)
  return squareRoot((numerator << 192n) / denominator)
}

/** Amounts of both tokens that a position takes. */
interface Deposit {
  readonly tickLower: number
  readonly tickUpper: number
  readonly amount0Raw: bigint
  readonly amount1Raw: bigint
}

/** Returns the positions that make up a pool's depth. */
export const deposits = (plan: PoolPlan): Deposit[] => {
  const sqrtPrice = Number(sqrtPriceX96Of(plan)) / 2 ** 96
  const tick = (2 * Math.log(sqrtPrice)) / tickBase
  const spacing = tickSpacings[plan.feePips]!
  const outermost = Math.floor(outermostTick / spacing) * spacing
  const usdPerRaw0 = plan.usd0 / 10 ** plan.token0.decimals
  const usdPerRaw1 = plan.usd1 / 10 ** plan.token1.decimals
  return ranges.map(({ widthBps, share }) => {
    const reach = widthBps === undefined ? Infinity : Math.log(1 + widthBps / 10_000) / tickBase
    const tickLower = Math.max(-outermost, Math.floor((tick - reach) / spacing) * spacing)
    const tickUpper = Math.min(outermost, Math.ceil((tick + reach) / spacing) * spacing)
    // Amounts of one unit of liquidity (LiquidityAmounts.getAmountsForLiquidity).
    const amount0 = 1 / sqrtPrice - Math.exp((-tickUpper * tickBase) / 2)
    const amount1 = sqrtPrice - Math.exp((tickLower * tickBase) / 2)
    const liquidity = (plan.depthUsd * share) / (amount0 * usdPerRaw0 + amount1 * usdPerRaw1)
    return {
      tickLower,
      tickUpper,
      amount0Raw: BigInt(Math.round(liquidity * amount0)),
      amount1Raw: BigInt(Math.round(liquidity * amount1)),
    }
  })
}

const factoryAbi = parseAbi(['function enableFeeAmount(uint24 fee, int24 tickSpacing)'])

/** Queues the creation and the filling of pools by the deployer, whose tokens the position manager may take. */
export const queuePools = (writer: BlockWriter, plans: readonly PoolPlan[]): void => {
  const from = accounts.deployer.address
  const factory = { from, to: mainnet.uniswapV3Factory, abi: factoryAbi }
  const { abi } = artifact('@uniswap/v3-periphery', 'NonfungiblePositionManager')
  const manager = { from, to: mainnet.nonfungiblePositionManager, abi }
  writer.invoke(factory, 'enableFeeAmount', [100, tickSpacings[100]])
  for (const plan of plans) {
    const key = [plan.token0.token, plan.token1.token, plan.feePips] as const
    writer.invoke(manager, 'createAndInitializePoolIfNecessary', [...key, sqrtPriceX96Of(plan)])
    for (const deposit of deposits(plan)) {
      writer.invoke(manager, 'mint', [
        {
          token0: plan.token0.token,
          token1: plan.token1.token,
          fee: plan.feePips,
          tickLower: deposit.tickLower,
          tickUpper: deposit.tickUpper,
          amount0Desired: deposit.amount0Raw,
          amount1Desired: deposit.amount1Raw,
          amount0Min: 0n,
          amount1Min: 0n,
          recipient: from,
          deadline: 2n ** 64n,
        },
      ])
    }
  }
}
