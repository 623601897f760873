import { createPublicClient, http, parseAbi, parseGwei } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { mainnet } from 'viem/chains'
import type { Address, Hex } from '../../core/types/chain.ts'
import { type Anvil, startAnvil } from '../../sandbox/chain/anvil.ts'
import { deployChain, type Preparation } from '../../sandbox/chain/deploy.ts'
import type { Deployed } from '../../sandbox/chain/deployed.ts'
import { genesisOf } from '../../sandbox/chain/genesis.ts'
import type { Scenario } from '../../sandbox/scenario.ts'

/** What tests call of Aave's Pool. */
export const aavePoolAbi = parseAbi([
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'function liquidationCall(address collateralAsset, address debtAsset, address user, uint256 debtToCover, bool receiveAToken)',
  'function POOL_REVISION() view returns (uint256)',
  'function getUserAccountData(address user) view returns (uint256 collateralBase, uint256 debtBase, uint256 available, uint256 threshold, uint256 ltv, uint256 healthFactor)',
])

/** What tests read of AaveProtocolDataProvider. */
export const dataProviderAbi = parseAbi([
  'function getReserveConfigurationData(address asset) view returns (uint256 decimals, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus, uint256 reserveFactor, bool usageAsCollateralEnabled, bool borrowingEnabled, bool stableBorrowRateEnabled, bool isActive, bool isFrozen)',
  'function getLiquidationProtocolFee(address asset) view returns (uint256)',
  'function getReserveTokensAddresses(address asset) view returns (address aToken, address stableDebtToken, address variableDebtToken)',
  'function getReserveData(address asset) view returns (uint256 unbacked, uint256 accruedToTreasuryScaled, uint256 totalAToken, uint256 totalStableDebt, uint256 totalVariableDebt, uint256 liquidityRate, uint256 variableBorrowRate, uint256 stableBorrowRate, uint256 averageStableBorrowRate, uint256 liquidityIndex, uint256 variableBorrowIndex, uint40 lastUpdateTimestamp)',
])

/** What tests read of EACAggregatorProxy. */
export const proxyAbi = parseAbi([
  'function aggregator() view returns (address)',
  'function description() view returns (string)',
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
])

/** What tests read of AaveOracle. */
export const oracleAbi = parseAbi(['function getAssetPrice(address asset) view returns (uint256)'])

/** What tests read of UniswapV3Pool. */
export const v3PoolAbi = parseAbi([
  'function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16 index, uint16 cardinality, uint16 next, uint8 feeProtocol, bool unlocked)',
  'function liquidity() view returns (uint128)',
])

/** What tests read of UniswapV3Factory. */
export const factoryAbi = parseAbi([
  'function getPool(address, address, uint24) view returns (address)',
])

/** What tests call of Aave's tokens. */
export const scaledAbi = parseAbi(['function scaledBalanceOf(address user) view returns (uint256)'])

/** What tests call of QuoterV2. */
export const quoterAbi = parseAbi([
  'function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, uint160 sqrtPriceLimitX96) params) returns (uint256 amountOut, uint160 sqrtPriceX96After, uint32 ticksCrossed, uint256 gasEstimate)',
])

/** What tests call of SwapRouter. */
export const routerAbi = parseAbi([
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 deadline, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountOut)',
])

const clientOf = (url: string) =>
  createPublicClient({ chain: mainnet, transport: http(url), cacheTime: 0 })

type Client = ReturnType<typeof clientOf>

/** A scenario's world on a local chain of its own, before the scenario's first block. */
export interface World {
  readonly anvil: Anvil
  readonly deployed: Deployed
  readonly client: Client
  /** From nothing to the end of the set-up, in wall time. */
  readonly wallMs: number
  /** Signs a transaction, sends it and mines it alone in the next block. */
  readonly land: (
    account: PrivateKeyAccount,
    to: Address,
    data: Hex,
  ) => Promise<Awaited<ReturnType<Client['getTransactionReceipt']>>>
  /** Health factors in wad, through Multicall3, in the order of the borrowers. */
  readonly healthFactors: () => Promise<readonly bigint[]>
}

/** Starts a local chain and deploys a scenario on it. */
export const aWorld = async (
  scenario: Scenario,
  {
    prepare = () => {},
    log = () => {},
  }: {
    readonly prepare?: (preparation: Preparation) => void
    readonly log?: (text: string) => void
  } = {},
): Promise<World> => {
  const started = performance.now()
  const { gasLimit, blockTimeSec } = scenario.chain
  const anvil = await startAnvil({ chainId: 1, ...genesisOf(scenario), gasLimit, log })
  const deployed = await deployChain({ anvil, scenario, prepare, log }).catch(
    async (thrown: unknown) => {
      await anvil.stop()
      throw thrown
    },
  )
  const wallMs = performance.now() - started
  const client = clientOf(anvil.httpUrl)
  let headSec = deployed.head.timestampSec

  return {
    anvil,
    deployed,
    client,
    wallMs,
    land: async (account, to, data) => {
      const nonce = await client.getTransactionCount({ address: account.address })
      const rawTx = await account.signTransaction({
        type: 'eip1559',
        chainId: 1,
        nonce,
        to,
        data,
        gas: 2_000_000n,
        maxFeePerGas: parseGwei('100'),
        maxPriorityFeePerGas: parseGwei('1'),
      })
      const hash = await client.sendRawTransaction({ serializedTransaction: rawTx })
      headSec += blockTimeSec
      await anvil.rpc.call('evm_mine', [headSec])
      return client.getTransactionReceipt({ hash })
    },
    healthFactors: async () => {
      const results = await client.multicall({
        allowFailure: false,
        batchSize: 8_192,
        contracts: deployed.borrowers.map(({ address }) => ({
          address: deployed.addresses.pool,
          abi: aavePoolAbi,
          functionName: 'getUserAccountData' as const,
          args: [address] as const,
        })),
      })
      return results.map(([, , , , , healthFactor]) => healthFactor)
    },
  }
}
