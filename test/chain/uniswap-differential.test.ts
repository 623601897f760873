import {
  type Abi,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  parseAbi,
  parseEventLogs,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../core/errors.ts'
import type { PoolKey } from '../../core/types/market.ts'
import { raw } from '../../core/units.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { artifact } from '../../sandbox/chain/artifacts.ts'
import { mainnet } from '../../sandbox/chain/mainnet.ts'
import { anExecutorWorld } from '../support/an-executor-world.ts'
import { followPools } from '../support/pool-follower.ts'
import { type Seeded, seeded } from '../support/seeded.ts'

const seed = Number(process.env.BAILIFF_SEED ?? 7)
const router = artifact('@uniswap/v3-periphery', 'SwapRouter').abi
const manager = artifact('@uniswap/v3-periphery', 'NonfungiblePositionManager').abi
const quoter = parseAbi([
  'function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, uint160 sqrtPriceLimitX96)) returns (uint256 amount, uint160 sqrtPriceX96After, uint32, uint256)',
  'function quoteExactOutputSingle((address tokenIn, address tokenOut, uint256 amount, uint24 fee, uint160 sqrtPriceLimitX96)) returns (uint256 amount, uint160 sqrtPriceX96After, uint32, uint256)',
])
const swapAbi = parseAbi([
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
])
const deadline = 2n ** 64n
const lowestX96 = 4295128740n
const highestX96 = 1461446703485210103287273052203988822378723970341n

interface Order {
  readonly key: PoolKey
  readonly zeroForOne: boolean
  readonly exactInput: boolean
  readonly amount: bigint
}

const world = await anExecutorWorld()
const { rpc, call, client, deployed } = world
const holdingsOf = new Map<string, bigint>()
for (const { token0, token1, address } of deployed.pools)
  for (const { token } of [token0, token1])
    holdingsOf.set(`${address}:${token}`.toLowerCase(), await world.balanceOf(token, address))

/** From dust to more than the pool holds. */
const anOrder = (random: Seeded, keys: readonly PoolKey[]): Order => {
  const key = random.pick(keys)
  const [zeroForOne, exactInput] = [random.chance(0.5), random.chance(0.5)]
  const token = zeroForOne === exactInput ? key.token0 : key.token1
  const held = holdingsOf.get(`${key.address}:${token}`.toLowerCase())!
  const share = 10 ** random.between(-9, 0.15)
  return {
    key,
    zeroForOne,
    exactInput,
    amount: (held * BigInt(Math.ceil(share * 1e12))) / 10n ** 12n || 1n,
  }
}

/** What QuoterV2 says; undefined where it reverts or a pool takes less than it was given. */
const askQuoter = async ({ key, zeroForOne, exactInput, amount }: Order) => {
  const functionName = exactInput ? 'quoteExactInputSingle' : 'quoteExactOutputSingle'
  const [tokenIn, tokenOut] = zeroForOne ? [key.token0, key.token1] : [key.token1, key.token0]
  const order = { tokenIn, tokenOut, fee: key.feePips, sqrtPriceLimitX96: 0n }
  const data = encodeFunctionData({
    abi: quoter as Abi,
    functionName,
    args: [{ ...order, ...(exactInput ? { amountIn: amount } : { amount }) }],
  })
  try {
    const result = await rpc.call<Hex>('eth_call', [{ to: mainnet.quoterV2, data }, 'latest'])
    const answer = decodeFunctionResult({ abi: quoter as Abi, functionName, data: result })
    const [quoted, after] = answer as readonly [bigint, bigint]
    return after === lowestX96 || after === highestX96 ? undefined : quoted
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown
    return undefined
  }
}

describe('pools on a chain', () => {
  test('quotes equal QuoterV2 to the unit, before and after swaps, mints and burns', async () => {
    const random = seeded(seed)
    const { table, catchUp } = await followPools(rpc)
    await catchUp()
    const keys = [...table.keys.values()]
    expect(keys).toHaveLength(deployed.pools.length)
    for (const { address, token0, token1, feePips, tickSpacing } of deployed.pools)
      expect(table.keys.get(address.toLowerCase())).toEqual({
        address: address.toLowerCase(),
        token0: token0.token.toLowerCase(),
        token1: token1.token.toLowerCase(),
        feePips,
        tickSpacing,
      })

    const quoteOf = ({ key, zeroForOne, exactInput, amount }: Order) => {
      const hop = { pool: key.address, zeroForOne }
      return exactInput
        ? table.pools.quoteExactInput(hop, raw(amount))
        : table.pools.quoteExactOutput(hop, raw(amount))
    }
    let compared = 0
    let refused = 0
    let crossed = 0
    let traded = 0
    let burned = 0
    const compareQuotes = async (count: number): Promise<void> => {
      const orders = Array.from({ length: count }, () => anOrder(random, keys))
      const answers = await Promise.all(orders.map(askQuoter))
      for (const [index, order] of orders.entries()) {
        const quote = quoteOf(order)
        expect({ ...order, quoted: quote?.amountRaw as bigint | undefined }).toEqual({
          ...order,
          quoted: answers[index],
        })
        compared++
        crossed += quote?.ticksCrossed ?? 0
        if (quote === undefined) refused++
      }
    }

    const trade = async (): Promise<void> => {
      const order = anOrder(random, keys)
      const quote = quoteOf(order)
      if (quote === undefined) return
      const { key, zeroForOne, exactInput, amount } = order
      const [tokenIn, tokenOut] = zeroForOne ? [key.token0, key.token1] : [key.token1, key.token0]
      const common = {
        ...{ tokenIn, tokenOut, fee: key.feePips, deadline, sqrtPriceLimitX96: 0n },
        recipient: accounts.arbitrageur.address,
      }
      const receipt = await call(
        accounts.arbitrageur.address,
        mainnet.swapRouter,
        router,
        exactInput ? 'exactInputSingle' : 'exactOutputSingle',
        [
          exactInput
            ? { ...common, amountIn: amount, amountOutMinimum: 0n }
            : { ...common, amountOut: amount, amountInMaximum: 2n ** 200n },
        ],
      )
      // The arbitrageur may not have so much: then nothing happened.
      if (receipt.status !== 'success') return
      const [log] = parseEventLogs({ abi: swapAbi, logs: receipt.logs })
      const [paid, got] = zeroForOne
        ? [log!.args.amount0, -log!.args.amount1]
        : [log!.args.amount1, -log!.args.amount0]
      traded++
      expect([paid, got]).toEqual(
        exactInput ? [amount, quote.amountRaw] : [quote.amountRaw, amount],
      )
      await catchUp()
    }

    // The world's own positions come first: four a pool.
    let tokenId = BigInt(deployed.pools.length * 4)
    const owned: bigint[] = []
    const mint = async (): Promise<void> => {
      const key = random.pick(keys)
      const abi = parseAbi([
        'function slot0() view returns (uint160, int24, uint16, uint16, uint16, uint8, bool)',
      ])
      const address = key.address
      const [, tick] = await client.readContract({ address, abi, functionName: 'slot0' })
      const align = (at: number): number => Math.floor(at / key.tickSpacing) * key.tickSpacing
      const tickLower = align(tick + random.between(-3_000, 1_000))
      const tickUpper = tickLower + key.tickSpacing * (1 + random.below(60))
      const amountOf = (token: string): bigint =>
        holdingsOf.get(`${address}:${token}`.toLowerCase())! / 50n
      const receipt = await call(
        accounts.deployer.address,
        mainnet.nonfungiblePositionManager,
        manager,
        'mint',
        [
          {
            ...{ token0: key.token0, token1: key.token1, fee: key.feePips, tickLower, tickUpper },
            ...{ amount0Desired: amountOf(key.token0), amount1Desired: amountOf(key.token1) },
            ...{ amount0Min: 0n, amount1Min: 0n, deadline },
            recipient: accounts.deployer.address,
          },
        ],
      )
      if (receipt.status === 'success') owned.push(++tokenId)
      await catchUp()
    }

    const burn = async (): Promise<void> => {
      const id = owned.shift()
      if (id === undefined) return
      const position = await client.readContract({
        address: mainnet.nonfungiblePositionManager,
        abi: manager,
        functionName: 'positions',
        args: [id],
      })
      const liquidity = (position as readonly unknown[])[7] as bigint
      const receipt = await call(
        accounts.deployer.address,
        mainnet.nonfungiblePositionManager,
        manager,
        'decreaseLiquidity',
        [{ tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline }],
      )
      expect(receipt.status).toBe('success')
      burned++
      await catchUp()
    }

    await world.fund(accounts.deployer.address, 'WETH', 10n ** 22n)
    for (const symbol of ['USDC', 'USDT', 'DAI', 'WBTC', 'LINK'])
      await world.fund(accounts.deployer.address, symbol, 10n ** 26n)
    await compareQuotes(120)
    for (let round = 0; round < 12; round++) {
      for (const act of [mint, trade, trade, mint, burn, trade]) await act()
      await compareQuotes(30)
    }
    expect(compared).toBe(480)
    expect(refused).toBeGreaterThan(0)
    expect(crossed).toBeGreaterThan(40)
    expect(traded).toBeGreaterThan(10)
    expect(burned).toBeGreaterThan(5)
    process.stdout.write(
      `${compared} quotes equal (${refused} refusals), ${crossed} ticks crossed, ${traded} swaps, ${owned.length + burned} mints, ${burned} burns\n`,
    )
  })
})
