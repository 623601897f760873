import { type Abi, decodeFunctionResult, encodeFunctionData, parseAbi, zeroAddress } from 'viem'
import { ConfigError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Scenario } from '../scenario.ts'
import type { DeployedPool } from './deployed.ts'
import { type Asset, mainnet } from './mainnet.ts'
import type { Rpc } from './rpc.ts'
import { tickSpacings } from './uniswap.ts'

const readAbi = parseAbi([
  'function getPriceOracle() view returns (address)',
  'function getPool() view returns (address)',
  'function getSourceOfAsset(address asset) view returns (address)',
  'function aggregator() view returns (address)',
  'function latestAnswer() view returns (int256)',
  'function decimals() view returns (uint8)',
  'function getPool(address tokenA, address tokenB, uint24 fee) view returns (address)',
  'function getReserveTokensAddresses(address asset) view returns (address aToken, address stableDebtToken, address variableDebtToken)',
])

const feedDecimals = 8

/** A feed whose aggregator can be given another code, and what it answers. */
export interface MovableFeed {
  readonly asset: Asset
  readonly proxy: Address
  readonly answerUsd: number
  /** Where the proxy keeps which aggregator it reads. */
  readonly pointer: Pointer
}

interface Pointer {
  readonly slot: number
  /** The word to put there for another aggregator: what stands beside the address stays. */
  readonly wordWith: (aggregator: Address) => Hex
}

/** So many slots of a proxy are looked through for its aggregator's address. */
const LOOKED_THROUGH = 32

/** Creates a reader of contracts at the newest block; `must` throws ConfigError where `call` returns undefined. */
export const createReader = (rpc: Rpc) => {
  const call = async <T>(
    to: Address,
    functionName: string,
    args: readonly unknown[] = [],
  ): Promise<T | undefined> => {
    const abi = readAbi.filter(
      (item) => item.name === functionName && item.inputs.length === args.length,
    ) as Abi
    const data = encodeFunctionData({ abi, functionName, args: [...args] })
    const answer = await rpc
      .call<Hex>('eth_call', [{ to, data }, 'latest'])
      .catch(() => '0x' as Hex)
    if (answer === '0x') return undefined
    return decodeFunctionResult({ abi, functionName, data: answer }) as T
  }
  const must = async <T>(
    what: string,
    to: Address,
    functionName: string,
    args: readonly unknown[] = [],
  ): Promise<T> => {
    const answer = await call<T>(to, functionName, args)
    if (answer !== undefined) return answer
    throw new ConfigError(
      'FORK_NO_MARKET',
      `Fork a chain that has Aave V3 as mainnet does: ${what} at ${to} does not answer ${functionName}.`,
      { to, functionName },
    )
  }
  return { call, must }
}

type Reader = ReturnType<typeof createReader>

const findPointer = async (
  rpc: Rpc,
  proxy: Address,
  aggregator: Address,
): Promise<Pointer | undefined> => {
  const words = await rpc.batch<Hex>(
    Array.from({ length: LOOKED_THROUGH }, (_, slot) => ({
      method: 'eth_getStorageAt',
      params: [proxy, `0x${slot.toString(16)}`, 'latest'],
    })),
  )
  const bare = aggregator.slice(2).toLowerCase()
  const slot = words.findIndex((word) => word.toLowerCase().includes(bare))
  const word = words[slot]?.toLowerCase()
  if (word === undefined) return undefined
  return { slot, wordWith: (other) => word.replace(bare, other.slice(2).toLowerCase()) as Hex }
}

/** Returns the feeds that Aave's oracle reads and that can be moved; the others are told. */
export const readFeeds = async (
  rpc: Rpc,
  { call, must }: Reader,
  oracle: Address,
  listed: readonly Asset[],
  log: (text: string) => void,
): Promise<readonly MovableFeed[]> => {
  const feeds: MovableFeed[] = []
  for (const asset of listed) {
    const proxy = await must<Address>("Aave's oracle", oracle, 'getSourceOfAsset', [asset.token])
    const aggregator = proxy === zeroAddress ? undefined : await call<Address>(proxy, 'aggregator')
    const decimals = aggregator && (await call<number>(aggregator, 'decimals'))
    const pointer = aggregator && (await findPointer(rpc, proxy, aggregator))
    if (aggregator === undefined || pointer === undefined || decimals !== feedDecimals) {
      log(
        `the price of ${asset.symbol} stays as it is: ${proxy} is no proxy of a feed with ${feedDecimals} decimals`,
      )
      continue
    }
    const answer = await must<bigint>(`the feed of ${asset.symbol}`, proxy, 'latestAnswer')
    feeds.push({ asset, proxy, pointer, answerUsd: Number(answer) / 10 ** feedDecimals })
  }
  return feeds
}

/** Returns the pools of a scenario that the chain has; the others are told. */
export const readPools = async (
  { call, must }: Reader,
  scenario: Scenario,
  listed: readonly Asset[],
  log: (text: string) => void,
): Promise<readonly DeployedPool[]> => {
  const pools: DeployedPool[] = []
  for (const { tokens, feePips } of scenario.pools) {
    const [token0, token1] = tokens
      .map((symbol) => listed.find((asset) => asset.symbol === symbol)!)
      .sort((a, b) => (a.token.toLowerCase() < b.token.toLowerCase() ? -1 : 1)) as [Asset, Asset]
    const args = [token0.token, token1.token, feePips]
    const address = (await call<Address>(mainnet.uniswapV3Factory, 'getPool', args)) ?? zeroAddress
    if (address === zeroAddress)
      log(`there is no pool of ${tokens.join(' and ')} at ${feePips} pips`)
    else
      pools.push({
        ...{ address, token0, token1, feePips },
        tickSpacing: tickSpacings[feePips]!,
        follows: false,
      })
  }
  await must('Uniswap V3', mainnet.uniswapV3Factory, 'getPool', [zeroAddress, zeroAddress, 0])
  return pools
}
