/** What is read of the chain at one block before its logs take over. */
import { type Abi, parseAbi } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { AaveMarket, Feed, PoolKey } from '../../core/types/market.ts'
import { type FeedSetting, readFeed, readForwarders } from '../../oracles/chainlink/feed.ts'
import { readMarket } from '../../protocols/aave-v3/read.ts'
import { callByAbi, type RawCaller, readAt } from './multicall.ts'

const providerAbi = parseAbi(['function getPool() view returns (address)']) as Abi
const poolAbi = parseAbi([
  'function token0() view returns (address)',
  'function token1() view returns (address)',
  'function fee() view returns (uint24)',
  'function tickSpacing() view returns (int24)',
]) as Abi

export interface ChainState {
  readonly market: AaveMarket
  readonly feeds: readonly Feed[]
  readonly forwarders: ReadonlyMap<string, readonly Address[]>
  readonly pools: readonly PoolKey[]
}

/** Which contracts to read. */
export interface Watched {
  readonly addressesProvider: Address
  readonly feeds: readonly FeedSetting[]
  readonly pools: readonly Address[]
}

/** Returns the Aave V3 market behind a provider. */
const readMarketAt = async (
  caller: RawCaller,
  blockHash: Hex,
  addressesProvider: Address,
): Promise<AaveMarket> => {
  const call = { address: addressesProvider, abi: providerAbi, functionName: 'getPool', args: [] }
  const [pool] = await callByAbi(caller, blockHash, [call])
  if (typeof pool !== 'string')
    throw new ProtocolError(
      'AAVE_PROVIDER_SILENT',
      `Correct protocols.aave-v3.addressesProvider: ${addressesProvider} does not answer getPool().`,
    )
  return readAt(readMarket(pool as Address), (calls) => callByAbi(caller, blockHash, calls))
}

/** Returns the feeds behind proxies, and the forwarders among their transmitters. */
export const readFeedsAt = async (
  caller: RawCaller,
  blockHash: Hex,
  settings: readonly FeedSetting[],
): Promise<Pick<ChainState, 'feeds' | 'forwarders'>> => {
  const answer = (calls: Parameters<RawCaller>[1]) => caller(blockHash, calls)
  const feeds = await Promise.all(settings.map((setting) => readAt(readFeed(setting), answer)))
  const transmitters = [...new Set(feeds.flatMap((feed) => feed.transmitters))]
  return { feeds, forwarders: await readAt(readForwarders(transmitters), answer) }
}

const readPools = async (
  caller: RawCaller,
  blockHash: Hex,
  pools: readonly Address[],
): Promise<readonly PoolKey[]> => {
  const names = ['token0', 'token1', 'fee', 'tickSpacing'] as const
  const answers = await callByAbi(
    caller,
    blockHash,
    pools.flatMap((address) =>
      names.map((functionName) => ({ address, abi: poolAbi, functionName, args: [] })),
    ),
  )
  return pools.map((address, i): PoolKey => {
    const [token0, token1, fee, tickSpacing] = answers.slice(4 * i, 4 * i + 4)
    if (typeof token0 !== 'string' || typeof token1 !== 'string')
      throw new ProtocolError(
        'POOL_SILENT',
        `Take ${address} off pools.uniswapV3: it does not answer as a Uniswap V3 pool.`,
      )
    return {
      address,
      token0: token0 as Address,
      token1: token1 as Address,
      feePips: Number(fee),
      tickSpacing: Number(tickSpacing),
    }
  })
}

/** Returns all of it at the block of this hash. Throws ProtocolError for a contract that is not what it should be. */
export const readChainState = async (
  caller: RawCaller,
  blockHash: Hex,
  { addressesProvider, feeds, pools }: Watched,
): Promise<ChainState> => ({
  market: await readMarketAt(caller, blockHash, addressesProvider),
  ...(await readFeedsAt(caller, blockHash, feeds)),
  pools: await readPools(caller, blockHash, pools),
})
