import { getContractAddress, zeroAddress } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from './accounts.ts'
import { artifact, initCode } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { Placed } from './construct.ts'
import { type Asset, mainnet } from './mainnet.ts'
import { parameters, type ReserveParameters } from './parameters.ts'
import type { Rpc } from './rpc.ts'

const core = (contract: string) => artifact('@aave/core-v3', contract)
const oneUsd = 10n ** 8n
const rayPerBps = 10n ** 23n

/** The tokens that a reserve of the market issues. */
export interface ReserveTokens {
  readonly aToken: Address
  readonly stableDebtToken: Address
  readonly variableDebtToken: Address
}

/** Implementations that the market's proxies run, and the interest strategy of each reserve by symbol. */
export interface AaveImplementations {
  readonly pool: Address
  readonly poolConfigurator: Address
  readonly strategies: Readonly<Record<string, Address>>
}

const parametersOf = ({ symbol }: Asset): ReserveParameters => parameters[symbol]!

/** Returns where the configurator creates a reserve's tokens: three contracts per reserve, in listing order. */
export const reserveTokens = (asset: Asset): ReserveTokens => {
  const first = firstNonce(asset)
  const created = (offset: number): Address =>
    getContractAddress({ from: mainnet.poolConfigurator, nonce: BigInt(first + offset) })
  return { aToken: created(0), stableDebtToken: created(1), variableDebtToken: created(2) }
}

const firstNonce = (asset: Asset): number => 1 + 3 * parametersOf(asset).listing

/** Returns the market's contracts that stand at fixed addresses. */
export const placedAave = (listed: readonly Asset[]): Placed[] => [
  {
    what: 'PoolAddressesProvider',
    address: mainnet.poolAddressesProvider,
    initCode: initCode(core('protocol/configuration/PoolAddressesProvider'), [
      'Aave Ethereum Market',
      accounts.deployer.address,
    ]),
  },
  {
    what: 'AaveOracle',
    address: mainnet.aaveOracle,
    initCode: initCode(core('misc/AaveOracle'), [
      mainnet.poolAddressesProvider,
      listed.map(({ token }) => token),
      listed.map(({ proxy }) => proxy),
      zeroAddress,
      zeroAddress,
      oneUsd,
    ]),
  },
  {
    what: 'AaveProtocolDataProvider',
    address: mainnet.protocolDataProvider,
    initCode: initCode(core('misc/AaveProtocolDataProvider'), [mainnet.poolAddressesProvider]),
  },
]

/** Queues the libraries, the implementations and the interest strategies. */
export const queueImplementations = (
  writer: BlockWriter,
  listed: readonly Asset[],
): AaveImplementations => {
  const provider = mainnet.poolAddressesProvider
  const libraries: Record<string, Address> = {}
  for (const name of [
    'SupplyLogic',
    'BorrowLogic',
    'LiquidationLogic',
    'EModeLogic',
    'BridgeLogic',
    'FlashLoanLogic',
    'PoolLogic',
    'ConfiguratorLogic',
  ]) {
    const library = core(`protocol/libraries/logic/${name}`)
    libraries[name] = writer.create(name, initCode(library, [], libraries))
  }
  const create = (contract: string, args: readonly unknown[]): Address =>
    writer.create(contract, initCode(core(contract), args, libraries))
  const strategies = listed.map((asset) => {
    const { rates } = parametersOf(asset)
    const ray = (bps: number): bigint => BigInt(bps) * rayPerBps
    const address = create('protocol/pool/DefaultReserveInterestRateStrategy', [
      provider,
      ray(rates.optimalUsageBps),
      0n,
      ray(rates.slope1Bps),
      ray(rates.slope2Bps),
      ray(rates.stableSlope1Bps),
      ray(rates.stableSlope2Bps),
      ray(rates.baseStableBps - rates.slope1Bps),
      0n,
      ray(2000),
    ])
    return [asset.symbol, address] as const
  })
  return {
    pool: create('protocol/pool/Pool', [provider]),
    poolConfigurator: create('protocol/pool/PoolConfigurator', []),
    strategies: Object.fromEntries(strategies),
  }
}

/** Cuts the reserves into runs that mainnet listed one behind the other. */
const runsOf = (listed: readonly Asset[]): Asset[][] => {
  const runs: Asset[][] = []
  for (const asset of [...listed].sort((a, b) => firstNonce(a) - firstNonce(b))) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && firstNonce(asset) === firstNonce(last) + 3) run.push(asset)
    else runs.push([asset])
  }
  return runs
}

/** Wires the market and lists the reserves with mainnet's parameters; takes a block, and one for each gap in the listing. */
export const openMarket = async (
  rpc: Rpc,
  writer: BlockWriter,
  listed: readonly Asset[],
  implementations: AaveImplementations,
): Promise<void> => {
  const from = accounts.deployer.address
  const { poolAddressesProvider: to } = mainnet
  const provider = { from, to, abi: core('protocol/configuration/PoolAddressesProvider').abi }
  writer.invoke(provider, 'setACLAdmin', [from])
  const manager = core('protocol/configuration/ACLManager')
  const aclManager = writer.create('ACLManager', initCode(manager, [to]))
  writer.invoke(provider, 'setACLManager', [aclManager])
  writer.invoke({ from, to: aclManager, abi: manager.abi }, 'addPoolAdmin', [from])
  writer.invoke(provider, 'setPriceOracle', [mainnet.aaveOracle])
  writer.invoke(provider, 'setPoolDataProvider', [mainnet.protocolDataProvider])
  writer.invoke(provider, 'setPoolImpl', [implementations.pool])
  writer.invoke(provider, 'setPoolConfiguratorImpl', [implementations.poolConfigurator])
  const token = (name: string): Address =>
    writer.create(name, initCode(core(`protocol/tokenization/${name}`), [mainnet.pool]))
  const aTokenImpl = token('AToken')
  const stableDebtTokenImpl = token('StableDebtToken')
  const variableDebtTokenImpl = token('VariableDebtToken')
  await writer.mine()

  const { abi } = core('protocol/pool/PoolConfigurator')
  const configurator = { from, to: mainnet.poolConfigurator, abi }
  for (const run of runsOf(listed)) {
    // Mainnet lists reserves in between that the sandbox leaves out: their three creations are skipped.
    const nonce = `0x${firstNonce(run[0]!).toString(16)}`
    await rpc.call('anvil_setNonce', [mainnet.poolConfigurator, nonce])
    const inputs = run.map(({ symbol, decimals, token: underlyingAsset }) => ({
      aTokenImpl,
      stableDebtTokenImpl,
      variableDebtTokenImpl,
      underlyingAssetDecimals: decimals,
      interestRateStrategyAddress: implementations.strategies[symbol],
      underlyingAsset,
      treasury: mainnet.collector,
      incentivesController: zeroAddress,
      aTokenName: `Aave Ethereum ${symbol}`,
      aTokenSymbol: `aEth${symbol}`,
      variableDebtTokenName: `Aave Ethereum Variable Debt ${symbol}`,
      variableDebtTokenSymbol: `variableDebtEth${symbol}`,
      stableDebtTokenName: `Aave Ethereum Stable Debt ${symbol}`,
      stableDebtTokenSymbol: `stableDebtEth${symbol}`,
      params: '0x',
    }))
    writer.invoke(configurator, 'initReserves', [inputs])
    for (const asset of run) {
      const reserve = parametersOf(asset)
      writer.invoke(configurator, 'setReserveBorrowing', [asset.token, true])
      writer.invoke(configurator, 'configureReserveAsCollateral', [
        asset.token,
        reserve.ltvBps,
        reserve.liquidationThresholdBps,
        reserve.liquidationBonusBps,
      ])
      writer.invoke(configurator, 'setReserveFactor', [asset.token, reserve.reserveFactorBps])
      writer.invoke(configurator, 'setLiquidationProtocolFee', [
        asset.token,
        reserve.protocolFeeBps,
      ])
      writer.invoke(configurator, 'setReserveFlashLoaning', [asset.token, true])
    }
    await writer.mine()
  }
}
