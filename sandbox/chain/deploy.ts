import { encodeDeployData } from 'viem'
import { executorAbi, executorBytecode } from '../../contracts/generated/executor.ts'
import { ConfigError, InvariantError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import { usdAt, valueAt } from '../price-path.ts'
import type { Scenario } from '../scenario.ts'
import { openMarket, placedAave, queueImplementations, reserveTokens } from './aave.ts'
import { accounts, coinbases } from './accounts.ts'
import { placedProxies, queueAggregators, queueOpeningAnswers } from './aggregators.ts'
import type { Anvil } from './anvil.ts'
import { multicall3Bytecode } from './artifacts.ts'
import { type BlockWriter, createBlockWriter } from './block-writer.ts'
import { type BorrowerPlan, type Holding, planBorrowers } from './borrowers.ts'
import { constructInPlace } from './construct.ts'
import type { Deployed, DeployedHolding, DeployedPool } from './deployed.ts'
import { answerRawOf } from './feeds.ts'
import { genesisOf, setupBlocks } from './genesis.ts'
import { provideLiquidity } from './liquidity.ts'
import { type Asset, assets, mainnet } from './mainnet.ts'
import { openPositions } from './open-positions.ts'
import type { Rpc } from './rpc.ts'
import { placedTokens } from './tokens.ts'
import { type PoolPlan, placedUniswap, poolAddress, tickSpacings } from './uniswap.ts'

/** What operators and transmitters begin with. */
export const operatorWei = 5n * 10n ** 18n
/** What whoever sends reports begins with. */
export const transmitterWei = 100n * 10n ** 18n
/** So that a block of the set-up holds whatever a step queues. */
export const setupGasLimit = 2_000_000_000

const hex = (n: bigint | number): string => `0x${n.toString(16)}`

/** Returns the assets of a scenario; throws ConfigError for one that the sandbox does not know. */
export const listedIn = (scenario: Scenario): Asset[] => {
  const symbols = Object.keys(scenario.markets)
  const unknown = symbols.filter((symbol) => !assets.some((asset) => asset.symbol === symbol))
  if (unknown.length > 0 || !symbols.includes('WETH')) {
    throw new ConfigError(
      'SCENARIO_MARKETS_UNKNOWN',
      `List WETH, and of the others only ${assets.map(({ symbol }) => symbol).join(', ')} in markets of scenario "${scenario.name}"; it lists ${symbols.join(', ')}.`,
      { symbols },
    )
  }
  return assets.filter(({ symbol }) => symbols.includes(symbol))
}

/** What the feed answers before the scenario starts: the last scripted answer that is not later, else the path. */
export const openingUsd = (scenario: Scenario, asset: string): number =>
  scenario.oracles[asset]?.answers.findLast(([atSec]) => atSec <= 0)?.[1] ??
  usdAt(scenario, asset, 0)

const poolPlans = (scenario: Scenario, bySymbol: (symbol: string) => Asset): PoolPlan[] =>
  scenario.pools.map(({ tokens, feePips, depthUsd }) => {
    const [token0, token1] = tokens
      .map(bySymbol)
      .sort((a, b) => (a.token.toLowerCase() < b.token.toLowerCase() ? -1 : 1)) as [Asset, Asset]
    const usd = ({ asset }: Asset): number => usdAt(scenario, asset, 0)
    return { token0, token1, usd0: usd(token0), usd1: usd(token1), feePips, depthUsd }
  })

/** Queues the executor with the sandbox's owner, treasury and operators, and returns its address. */
export const queueExecutor = (
  writer: BlockWriter,
  weth: Address,
  pool: Address = mainnet.pool,
): Address =>
  writer.create(
    'Executor',
    encodeDeployData({
      abi: executorAbi,
      bytecode: executorBytecode,
      args: [
        accounts.owner.address,
        accounts.treasury.address,
        weth,
        pool,
        accounts.operators.map(({ address }) => address),
      ],
    }),
  )

/** Gives everyone what they start with and ends the set-up's privileges; mines up to the block before the first. */
const handOver = async (
  rpc: Rpc,
  writer: BlockWriter,
  scenario: Scenario,
): Promise<Deployed['head']> => {
  const { startSec, firstBlock, blockTimeSec, gasLimit, baseFeeGwei } = scenario.chain
  const balances: [Address, bigint][] = [
    ...accounts.operators.map(({ address }): [Address, bigint] => [address, operatorWei]),
    [accounts.treasury.address, 0n],
    [accounts.hiddenTransmitter.address, transmitterWei],
    ...Object.values(coinbases).map((address): [Address, bigint] => [address, 1n]),
  ]
  await rpc.batch([
    ...balances.map(([who, wei]) => ({ method: 'anvil_setBalance', params: [who, hex(wei)] })),
    { method: 'anvil_autoImpersonateAccount', params: [false] },
    { method: 'evm_setBlockGasLimit', params: [hex(gasLimit)] },
  ])
  const left = setupBlocks(scenario) - writer.counts().blocks
  if (left < 1) {
    throw new InvariantError(
      'SETUP_TOO_LONG',
      `Raise the number of deployment blocks in genesis.ts by ${1 - left}.`,
      { left },
    )
  }
  const baseFee = hex(Math.round(valueAt(baseFeeGwei, 0) * 1e9))
  const fill = async (): Promise<void> => {
    for (let block = left; block > 1; block--) await writer.mine()
  }
  await fill()
  await rpc.call('anvil_setNextBlockBaseFeePerGas', [baseFee])
  await writer.mine()
  await rpc.call('anvil_setNextBlockBaseFeePerGas', [baseFee])
  const block = await rpc.call<{ readonly number: string; readonly timestamp: string }>(
    'eth_getBlockByNumber',
    ['latest', false],
  )
  const head = { number: Number(block.number), timestampSec: Number(block.timestamp) }
  if (head.number !== firstBlock - 1 || head.timestampSec !== startSec - blockTimeSec) {
    throw new InvariantError(
      'SETUP_MISPLACED',
      `Start anvil at genesisOf(scenario): the set-up ended in block ${head.number} at ${head.timestampSec}, not in ${firstBlock - 1} at ${startSec - blockTimeSec}.`,
      { head },
    )
  }
  return head
}

const held = (holdings: readonly Holding[]): DeployedHolding[] =>
  holdings.map(({ asset: { symbol, token }, amountRaw }) => ({ symbol, token, amountRaw }))

/** What a guest of the set-up may build on: the next block, the listed assets and the deployer's ether. */
export interface Preparation {
  readonly writer: BlockWriter
  readonly listed: readonly Asset[]
  readonly weth: Address
}

/**
 * Deploys the scenario's world on an empty chain that was started at `genesisOf(scenario)`, up to the block before the
 * scenario's first; throws a ConfigError for a scenario that cannot be built.
 */
export const deployChain = async ({
  anvil: { rpc },
  scenario,
  prepare,
  log,
}: {
  readonly anvil: Anvil
  readonly scenario: Scenario
  /** Queues what else is to stand in the world, in a block of its own once market and pools are filled. */
  readonly prepare?: (preparation: Preparation) => void
  readonly log: (text: string) => void
}): Promise<Deployed> => {
  const timingsMs: Record<string, number> = {}
  let last = performance.now()
  const lap = (step: string): void => {
    const now = performance.now()
    timingsMs[step] = Math.round(now - last)
    last = now
  }

  const listed = listedIn(scenario)
  const bySymbol = new Map(
    listed.map((asset) => {
      const answerRaw = answerRawOf(openingUsd(scenario, asset.asset))
      return [asset.symbol, { ...asset, answerRaw }]
    }),
  )
  const pools = poolPlans(scenario, (symbol) => listed.find((a) => a.symbol === symbol)!)
  const plans = planBorrowers(scenario, (symbol) => bySymbol.get(symbol)!)
  const weth = assets[0]!.token
  lap('plan')

  const genesis = genesisOf(scenario)
  const writer = createBlockWriter({
    rpc,
    genesisSec: genesis.startSec,
    intervalSec: scenario.chain.blockTimeSec,
  })
  await rpc.batch([
    { method: 'anvil_autoImpersonateAccount', params: [true] },
    { method: 'evm_setBlockGasLimit', params: [hex(setupGasLimit)] },
  ])
  const implementations = queueImplementations(writer, listed)
  const aggregators = queueAggregators(writer, listed)
  await constructInPlace(rpc, writer, [
    ...placedTokens(assets),
    ...placedAave(listed),
    ...placedProxies(listed, aggregators),
    ...placedUniswap(weth),
    { what: 'Multicall3', address: mainnet.multicall3, initCode: multicall3Bytecode() },
  ])
  lap('contracts')

  const observedSec = genesis.startSec + scenario.chain.blockTimeSec
  const opening = (asset: string): number => openingUsd(scenario, asset)
  const feeds = await queueOpeningAnswers(rpc, writer, listed, aggregators, opening, observedSec)
  await openMarket(rpc, writer, listed, implementations)
  const executor = queueExecutor(writer, weth)
  lap('market')

  await provideLiquidity(rpc, writer, listed, scenario.markets, pools)
  if (prepare) {
    prepare({ writer, listed, weth })
    await writer.mine()
  }
  lap('liquidity')

  await openPositions(rpc, writer, plans)
  lap('positions')

  const head = await handOver(rpc, writer, scenario)
  lap('hand-over')

  const { collector: _, positionDescriptor: __, ...addresses } = mainnet
  const deployedPools = pools.map(
    ({ token0, token1, feePips }, i): DeployedPool => ({
      address: poolAddress(token0.token, token1.token, feePips),
      token0,
      token1,
      feePips,
      tickSpacing: tickSpacings[feePips]!,
      follows: scenario.pools[i]!.follows,
    }),
  )
  const counts = writer.counts()
  log(
    `deployed ${counts.transactions} transactions in ${counts.blocks} blocks: ${JSON.stringify(timingsMs)} ms`,
  )
  return {
    addresses: { ...addresses, executor },
    assets: Object.fromEntries(
      listed.map((asset, i) => [asset.symbol, { ...asset, ...reserveTokens(asset), ...feeds[i]! }]),
    ),
    pools: deployedPools,
    borrowers: plans.map(({ address, collateral, debt }: BorrowerPlan) => ({
      address,
      collateral: held(collateral),
      debt: held(debt),
    })),
    head,
    counts,
    timingsMs,
  }
}
