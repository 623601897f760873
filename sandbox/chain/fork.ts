/**
 * A scenario's world on a chain that exists: the market, its pools and its borrowers are the chain's, and only what moves
 * prices and whoever liquidates is ours.
 *
 * 1. Each feed's proxy is pointed at an aggregator of the sandbox's own, which begins with the answer that the chain's gave
 *    and answers from then on what the scenario has it report: nobody can sign a genuine `transmit`. Whatever else the
 *    proxy holds stays. A source of Aave's oracle that is no such proxy stays as it is, and is told.
 * 2. The scenario's times count from the block after the fork's, and its prices from the answers that the feeds gave:
 *    a path that falls by a tenth falls by a tenth.
 * 3. Accounts of ours lose whatever code they have and get ether.
 */
import type { Address, Hex } from '../../core/types/chain.ts'
import { valueAt } from '../price-path.ts'
import { rebase } from '../rebase.ts'
import type { Scenario } from '../scenario.ts'
import { accounts, coinbases } from './accounts.ts'
import { queueAggregators, queueOpeningAnswers } from './aggregators.ts'
import type { Anvil } from './anvil.ts'
import { type BlockWriter, createBlockWriter } from './block-writer.ts'
import { listedIn, operatorWei, queueExecutor, setupGasLimit, transmitterWei } from './deploy.ts'
import type { Deployed } from './deployed.ts'
import { createReader, type MovableFeed, readFeeds, readPools } from './fork-market.ts'
import { mainnet } from './mainnet.ts'
import type { Rpc } from './rpc.ts'

const richWei = 10n ** 24n

const hex = (n: bigint | number): Hex => `0x${n.toString(16)}`

/** A scenario that counts from the fork, and the world that it plays in. */
export interface ForkedWorld {
  readonly scenario: Scenario
  readonly deployed: Deployed
}

/** Gives every feed an aggregator of the sandbox's, with the answer that it gave, and points its proxy there. */
const swapAggregators = async (
  rpc: Rpc,
  writer: BlockWriter,
  feeds: readonly MovableFeed[],
  observedSec: number,
): ReturnType<typeof queueOpeningAnswers> => {
  const assets = feeds.map(({ asset, proxy }) => ({ ...asset, proxy }))
  const aggregators = queueAggregators(writer, assets)
  await writer.mine()
  const answers = new Map(feeds.map(({ asset, answerUsd }) => [asset.asset, answerUsd]))
  const opening = (asset: string): number => answers.get(asset)!
  const opened = await queueOpeningAnswers(rpc, writer, assets, aggregators, opening, observedSec)
  await writer.mine()
  await rpc.batch(
    feeds.map(({ asset, proxy, pointer }) => ({
      method: 'anvil_setStorageAt',
      params: [proxy, hex(pointer.slot), pointer.wordWith(aggregators[asset.asset]!)],
    })),
  )
  return opened
}

/** Makes a scenario's world of a forked chain; throws ConfigError for a chain without the market. */
export const forkChain = async ({
  anvil: { rpc },
  scenario,
  log,
  step,
}: {
  readonly anvil: Pick<Anvil, 'rpc'>
  readonly scenario: Scenario
  readonly log: (text: string) => void
  /** Told what a person should know. */
  readonly step: (text: string) => void
}): Promise<ForkedWorld> => {
  const began = performance.now()
  const listed = listedIn(scenario)
  const reader = createReader(rpc)
  const { must } = reader
  const provider = mainnet.poolAddressesProvider
  const [pool, oracle] = [
    await must<Address>("Aave's addresses provider", provider, 'getPool'),
    await must<Address>("Aave's addresses provider", provider, 'getPriceOracle'),
  ]
  const feeds = await readFeeds(rpc, reader, oracle, listed, step)
  const pools = await readPools(reader, scenario, listed, step)

  const ours = [
    ...[accounts.deployer, accounts.owner, accounts.treasury, ...accounts.operators],
    ...[accounts.transmitter, ...accounts.standbyTransmitters, accounts.arbitrageur],
    ...[accounts.judge, accounts.crowd],
  ].map(({ address }) => address)
  await rpc.batch([
    { method: 'anvil_autoImpersonateAccount', params: [true] },
    { method: 'evm_setBlockGasLimit', params: [hex(setupGasLimit)] },
    ...ours.flatMap((address) => [
      { method: 'anvil_setCode', params: [address, '0x'] },
      { method: 'anvil_setBalance', params: [address, hex(richWei)] },
    ]),
    { method: 'anvil_setNextBlockBaseFeePerGas', params: ['0x1'] },
  ])
  const latest = await rpc.call<{ readonly timestamp: Hex }>('eth_getBlockByNumber', [
    'latest',
    false,
  ])
  const { blockTimeSec, gasLimit, baseFeeGwei } = scenario.chain
  const nonces = await rpc.batch<Hex>(
    ours.map((address) => ({ method: 'eth_getTransactionCount', params: [address, 'latest'] })),
  )
  const writer = createBlockWriter({
    rpc,
    genesisSec: Number(latest.timestamp),
    intervalSec: blockTimeSec,
    nonces: new Map(ours.map((address, i) => [address, Number(nonces[i])])),
  })
  const opened = await swapAggregators(rpc, writer, feeds, Number(latest.timestamp))
  const weth = listed.find(({ symbol }) => symbol === 'WETH')!.token
  const executor = queueExecutor(writer, weth, pool)
  await writer.mine()
  await rpc.batch([
    ...accounts.operators.map(({ address }) => ({
      method: 'anvil_setBalance',
      params: [address, hex(operatorWei)],
    })),
    { method: 'anvil_setBalance', params: [accounts.treasury.address, '0x0'] },
    {
      method: 'anvil_setBalance',
      params: [accounts.hiddenTransmitter.address, hex(transmitterWei)],
    },
    ...Object.values(coinbases).map((address) => ({
      method: 'anvil_setBalance',
      params: [address, '0x1'],
    })),
    { method: 'anvil_autoImpersonateAccount', params: [false] },
    { method: 'evm_setBlockGasLimit', params: [hex(gasLimit)] },
    {
      method: 'anvil_setNextBlockBaseFeePerGas',
      params: [hex(Math.round(valueAt(baseFeeGwei, 0) * 1e9))],
    },
  ])
  await writer.mine()
  const block = await rpc.call<{ readonly number: Hex; readonly timestamp: Hex }>(
    'eth_getBlockByNumber',
    ['latest', false],
  )
  const head = { number: Number(block.number), timestampSec: Number(block.timestamp) }
  const assets = await Promise.all(
    opened.map(async (feed) => {
      const asset = listed.find((one) => one.asset === feed.asset)!
      const [aToken, stableDebtToken, variableDebtToken] = await must<readonly Address[]>(
        "Aave's data provider",
        mainnet.protocolDataProvider,
        'getReserveTokensAddresses',
        [asset.token],
      )
      const tokens = {
        aToken: aToken!,
        stableDebtToken: stableDebtToken!,
        variableDebtToken: variableDebtToken!,
      }
      return [asset.symbol, { ...asset, ...tokens, ...feed }] as const
    }),
  )
  const { collector: _, positionDescriptor: __, ...addresses } = mainnet
  log(`forked at block ${head.number}: ${feeds.length} feeds can be moved, ${pools.length} pools`)
  return {
    scenario: rebase(
      scenario,
      new Map(feeds.map(({ asset, answerUsd }) => [asset.asset, answerUsd])),
      head,
    ),
    deployed: {
      addresses: { ...addresses, pool, aaveOracle: oracle, executor },
      assets: Object.fromEntries(assets),
      pools,
      borrowers: [],
      head,
      counts: writer.counts(),
      timingsMs: { fork: Math.round(performance.now() - began) },
    },
  }
}
