import {
  type Abi,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  keccak256,
  zeroAddress,
} from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import { artifact, initCode } from '../../sandbox/chain/artifacts.ts'
import { type LabChain, type LabTx, startLabChain } from './lab-chain.ts'
import { type LabReserve, labCategories, labReserves } from './lab-reserves.ts'

export interface LabAsset extends LabReserve {
  readonly token: Address
  readonly feed: Address
}

/** A whole Aave V3 market from the genuine bytecode, with feeds whose answers the test sets. */
export interface AaveLab {
  readonly chain: LabChain
  readonly pool: Address
  readonly poolAbi: Abi
  readonly assets: readonly LabAsset[]
  /** Feed of the price source of category 1. */
  readonly categoryFeed: Address
  readonly treasury: Address
  readonly configure: (functionName: string, args: readonly unknown[]) => LabTx
  readonly setAnswer: (feed: Address, answerRaw: bigint) => Promise<void>
  /** Writes a reserve's configuration word, for states that governance can no longer bring about. */
  readonly setThresholdZero: (asset: Address) => Promise<void>
}

const admin: Address = '0x00000000000000000000000000000000000ad319'
const treasury: Address = '0x0000000000000000000000000000000000742ea5'
const core = (contract: string) => artifact('@aave/core-v3', contract)
const libraryNames = ['SupplyLogic', 'BorrowLogic', 'LiquidationLogic', 'EModeLogic', 'BridgeLogic']
const laterLibraries = ['FlashLoanLogic', 'PoolLogic', 'ConfiguratorLogic']
const RAY = 10n ** 27n
/** `_reserves` is the first variable behind `VersionedInitializable` and its gap. */
const RESERVES_SLOT = 52n

export const answerOf = (usd: number): bigint => BigInt(Math.round(usd * 1e8))

export const encode = (abi: Abi, functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi, functionName, args: [...args] })

export const startAaveLab = async (): Promise<AaveLab> => {
  const chain = await startLabChain()
  const run = async (txs: readonly LabTx[]): Promise<readonly Address[]> => {
    const { receipts } = await chain.mine(txs, 1)
    const failed = receipts.findIndex(({ status }) => status !== '0x1')
    if (failed !== -1) {
      throw new RangeError(
        `set-up step ${failed}: ${(await chain.revertData()).get(receipts[failed]!.transactionHash)}`,
      )
    }
    return receipts.map(({ contractAddress }) => getAddress(contractAddress ?? zeroAddress))
  }
  const libraries: Record<string, Address> = {}
  const create = (contract: string, args: readonly unknown[] = []): LabTx => ({
    from: admin,
    to: undefined,
    data: initCode(core(contract), args, libraries),
  })
  const call = (to: Address, contract: string, name: string, args: readonly unknown[]): LabTx => ({
    from: admin,
    to,
    data: encode(core(contract).abi, name, args),
  })
  const deployLibraries = async (names: readonly string[]): Promise<void> => {
    const at = await run(names.map((name) => create(`protocol/libraries/logic/${name}`)))
    names.forEach((name, index) => {
      libraries[name] = at[index]!
    })
  }

  await deployLibraries(libraryNames)
  await deployLibraries(laterLibraries)
  const feedOf = (usd: number): LabTx =>
    create('mocks/oracle/CLAggregators/MockAggregator', [answerOf(usd)])
  const [provider] = (await run([
    create('protocol/configuration/PoolAddressesProvider', ['lab', admin]),
  ])) as [Address]
  const tokens = await run(
    labReserves.map(({ symbol, decimals }) =>
      create('mocks/tokens/MintableERC20', [symbol, symbol, decimals]),
    ),
  )
  const feeds = await run([
    ...labReserves.map(({ usd }) => feedOf(usd)),
    feedOf(labCategories[0].sourceUsd),
  ])
  const categoryFeed = feeds.at(-1)!
  /** An address that stands for the category in the oracle, as governance would name one. */
  const categorySource: Address = '0x000000000000000000000000000000000000e001'
  const [oracle, poolImpl, configuratorImpl] = (await run([
    create('misc/AaveOracle', [
      provider,
      [...tokens, categorySource],
      feeds,
      zeroAddress,
      zeroAddress,
      10n ** 8n,
    ]),
    create('protocol/pool/Pool', [provider]),
    create('protocol/pool/PoolConfigurator'),
  ])) as [Address, Address, Address]
  const PROVIDER = 'protocol/configuration/PoolAddressesProvider'
  await run([call(provider, PROVIDER, 'setACLAdmin', [admin])])
  const [acl] = (await run([create('protocol/configuration/ACLManager', [provider])])) as [Address]
  await run([
    call(acl, 'protocol/configuration/ACLManager', 'addPoolAdmin', [admin]),
    call(provider, PROVIDER, 'setACLManager', [acl]),
    call(provider, PROVIDER, 'setPriceOracle', [oracle]),
    call(provider, PROVIDER, 'setPoolImpl', [poolImpl]),
    call(provider, PROVIDER, 'setPoolConfiguratorImpl', [configuratorImpl]),
  ])
  const providerAbi = core(PROVIDER).abi
  const [pool, configurator] = (await chain.read([
    { address: provider, abi: providerAbi, functionName: 'getPool', args: [] },
    { address: provider, abi: providerAbi, functionName: 'getPoolConfigurator', args: [] },
  ])) as [Address, Address]
  const [aToken, stableDebt, variableDebt, strategy] = (await run([
    create('protocol/tokenization/AToken', [pool]),
    create('protocol/tokenization/StableDebtToken', [pool]),
    create('protocol/tokenization/VariableDebtToken', [pool]),
    // Steep, so that indexes move far in a test's time.
    create('protocol/pool/DefaultReserveInterestRateStrategy', [
      provider,
      (RAY * 8n) / 10n,
      RAY / 50n,
      RAY / 8n,
      RAY * 2n,
      RAY / 100n,
      RAY / 10n,
      RAY / 50n,
      RAY / 20n,
      RAY / 5n,
    ]),
  ])) as [Address, Address, Address, Address]
  const configure = (functionName: string, args: readonly unknown[]): LabTx =>
    call(configurator, 'protocol/pool/PoolConfigurator', functionName, args)
  await run([
    configure('initReserves', [
      labReserves.map(({ symbol, decimals }, index) => ({
        aTokenImpl: aToken,
        stableDebtTokenImpl: stableDebt,
        variableDebtTokenImpl: variableDebt,
        underlyingAssetDecimals: decimals,
        interestRateStrategyAddress: strategy,
        underlyingAsset: tokens[index],
        treasury,
        incentivesController: zeroAddress,
        aTokenName: `a${symbol}`,
        aTokenSymbol: `a${symbol}`,
        variableDebtTokenName: `v${symbol}`,
        variableDebtTokenSymbol: `v${symbol}`,
        stableDebtTokenName: `s${symbol}`,
        stableDebtTokenSymbol: `s${symbol}`,
        params: '0x',
      })),
    ]),
  ])
  await run(
    labReserves.flatMap(({ ltv, threshold, bonus, fee }, index) => [
      configure('setReserveBorrowing', [tokens[index], true]),
      configure('configureReserveAsCollateral', [tokens[index], ltv, threshold, bonus]),
      configure('setReserveFactor', [tokens[index], 1500]),
      configure('setLiquidationProtocolFee', [tokens[index], fee]),
      configure('setReserveFlashLoaning', [tokens[index], true]),
    ]),
  )
  await run([
    ...labCategories.map(({ id, ltv, threshold, bonus, sourceUsd }) =>
      configure('setEModeCategory', [
        id,
        ltv,
        threshold,
        bonus,
        sourceUsd === undefined ? zeroAddress : categorySource,
        `${id}`,
      ]),
    ),
    ...labReserves.flatMap(({ category }, index) =>
      category === 0 ? [] : [configure('setAssetEModeCategory', [tokens[index], category])],
    ),
    configure('setReserveStableRateBorrowing', [tokens[2], true]),
  ])

  const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`
  const { rpc } = chain.anvil
  return {
    chain,
    pool,
    poolAbi: core('protocol/pool/Pool').abi,
    assets: labReserves.map((reserve, index) => ({
      ...reserve,
      token: tokens[index]!,
      feed: feeds[index]!,
    })),
    categoryFeed,
    treasury,
    configure,
    setAnswer: async (feed, answerRaw) => {
      await rpc.call('anvil_setStorageAt', [feed, word(0n), word(answerRaw)])
    },
    setThresholdZero: async (asset) => {
      const slot = keccak256(
        encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [asset, RESERVES_SLOT]),
      )
      const old = BigInt(await rpc.call<Hex>('eth_getStorageAt', [pool, slot, 'latest']))
      await rpc.call('anvil_setStorageAt', [pool, slot, word(old & ~(0xffffn << 16n))])
    },
  }
}
