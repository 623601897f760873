import { decodeEventLog, numberToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ocr2StyleAggregatorAbi } from '../../contracts/generated/ocr2-style-aggregator.ts'
import type { Hex } from '../../core/types/chain.ts'
import { createArbitrageur } from '../../sandbox/actors/arbitrageur.ts'
import { createOracleActor } from '../../sandbox/actors/oracle.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { type Anvil, startAnvil } from '../../sandbox/chain/anvil.ts'
import { deployChain } from '../../sandbox/chain/deploy.ts'
import type { Deployed, DeployedPool } from '../../sandbox/chain/deployed.ts'
import { answerRawOf } from '../../sandbox/chain/feeds.ts'
import { genesisOf } from '../../sandbox/chain/genesis.ts'
import { sqrtPriceX96Of } from '../../sandbox/chain/uniswap.ts'
import { createScenarioClock } from '../../sandbox/clock.ts'
import { usdAt } from '../../sandbox/price-path.ts'
import type { Scenario } from '../../sandbox/scenario.ts'
import { aScenario, startMsOf } from '../support/a-scenario.ts'

const base = aScenario()
const lastSec = 108

/** Ether falls 6 % in a minute and a half, bitcoin 1.1 % in between; two reports share a block, one block holds two feeds. */
const scenario: Scenario = {
  ...base,
  positions: { ...base.positions, count: 0 },
  prices: {
    ...base.prices,
    ETH: {
      ...base.prices.ETH!,
      usd: [
        [0, 1700],
        [10, 1700],
        [90, 1600],
      ],
    },
    BTC: {
      ...base.prices.BTC!,
      usd: [
        [0, 28_000],
        [20, 28_000],
        [60, 27_700],
      ],
    },
  },
  oracles: {
    ...base.oracles,
    ETH: {
      ...base.oracles.ETH!,
      answers: [
        [0, 1705.06],
        [30, 1690.5],
        [36, 1680.25],
        [37, 1675],
        [60, 1655.5],
        [84, 1600.01],
      ],
    },
    BTC: { ...base.oracles.BTC!, delaySec: 12 },
  },
}

const { startSec, blockTimeSec, compression } = scenario.chain

/** Mines a block at every block time of the clock, as a block producer without opinions. */
const produce = (
  anvil: Anvil,
  clock: ReturnType<typeof createScenarioClock>,
  signal: AbortSignal,
) =>
  (async () => {
    for (let sec = startSec; ; sec += blockTimeSec) {
      if (!(await clock.sleepUntil(sec * 1000, signal))) return
      await anvil.rpc.call('evm_setNextBlockTimestamp', [numberToHex(sec)])
      await anvil.rpc.call('evm_mine')
    }
  })()

interface Block {
  readonly timestamp: Hex
  readonly transactions: readonly { readonly hash: Hex; readonly from: Hex; readonly nonce: Hex }[]
}

interface MinedLog {
  readonly data: Hex
  readonly topics: [Hex, ...Hex[]]
  readonly blockNumber: Hex
}

let anvil: Anvil
let deployed: Deployed
let oracle: ReturnType<typeof createOracleActor>
let arbitrageur: ReturnType<typeof createArbitrageur>
let blocks: readonly Block[]
const said: string[] = []

beforeAll(async () => {
  const { startSec: genesisSec, firstBlock } = genesisOf(scenario)
  anvil = await startAnvil({
    chainId: 1,
    startSec: genesisSec,
    firstBlock,
    gasLimit: scenario.chain.gasLimit,
    log: () => undefined,
  })
  deployed = await deployChain({ anvil, scenario, log: () => undefined })
  const clock = createScenarioClock({
    startMs: startMsOf(scenario),
    rate: compression,
    stopped: true,
  })
  const parts = {
    deployed,
    scenario,
    clock,
    rpcUrl: anvil.httpUrl,
    log: (t: string) => said.push(t),
  }
  oracle = createOracleActor(parts)
  arbitrageur = createArbitrageur(parts)
  oracle.start()
  arbitrageur.start()
  clock.start()
  const controller = new AbortController()
  const produced = produce(anvil, clock, controller.signal)
  await clock.sleepUntil((startSec + lastSec + 1) * 1000, controller.signal)
  await Promise.all([oracle.stop(), arbitrageur.stop()])
  controller.abort()
  await produced
  const head = Number(await anvil.rpc.call<Hex>('eth_blockNumber'))
  const numbers = Array.from({ length: head - deployed.head.number }, (_, i) => head - i).reverse()
  blocks = await anvil.rpc.batch<Block>(
    numbers.map((n) => ({ method: 'eth_getBlockByNumber', params: [numberToHex(n), true] })),
  )
})

afterAll(() => anvil?.stop())

const secOf = (block: Block): number => Number(block.timestamp) - startSec

const reportsOf = async (asset: string) => {
  const feed = Object.values(deployed.assets).find((found) => found.asset === asset)!
  const logs = await anvil.rpc.call<readonly MinedLog[]>('eth_getLogs', [
    { address: feed.aggregator, fromBlock: numberToHex(deployed.head.number + 1) },
  ])
  return logs.flatMap((log) => {
    const event = decodeEventLog({
      abi: ocr2StyleAggregatorAbi,
      data: log.data,
      topics: log.topics,
    })
    if (event.eventName !== 'NewTransmission') return []
    const block = blocks[Number(log.blockNumber) - deployed.head.number - 1]!
    return [{ ...event.args, sec: secOf(block) }]
  })
}

describe('oracle', () => {
  test('default: every scripted answer stands in the first block at or after its time', async () => {
    const reports = await reportsOf('ETH')
    expect(reports.map(({ sec, answer }) => [sec, answer])).toEqual([
      [36, answerRawOf(1680.25)],
      [48, answerRawOf(1675)],
      [60, answerRawOf(1655.5)],
      [84, answerRawOf(1600.01)],
    ])
  })

  test('behavior: a report is sent at least half a block before its block, and after the one before', () => {
    expect(oracle.sent.length).toBeGreaterThanOrEqual(6)
    for (const { blockSec, sentMs, txHash } of oracle.sent) {
      expect(sentMs / 1000).toBeLessThanOrEqual(blockSec - blockTimeSec / 2)
      expect(sentMs / 1000).toBeGreaterThan(blockSec - blockTimeSec)
      const block = blocks.find(({ transactions }) =>
        transactions.some(({ hash }) => hash === txHash),
      )
      expect(block && Number(block.timestamp)).toBe(blockSec)
    }
  })

  test('behavior: without a script it follows the path by threshold, as late as it is told', async () => {
    const reports = await reportsOf('BTC')
    expect(reports.length).toBeGreaterThanOrEqual(2)
    let beforeUsd = 28_000
    for (const { answer, observationsTimestamp, sec } of reports) {
      const answerUsd = Number(answer) / 1e8
      const observedSec = observationsTimestamp - startSec
      expect(Math.abs(answerUsd / beforeUsd - 1) * 1e4).toBeGreaterThanOrEqual(50)
      expect(Math.abs(answerUsd / usdAt(scenario, 'BTC', observedSec) - 1) * 1e4).toBeLessThan(3)
      expect(sec - observedSec).toBeGreaterThan(12)
      expect(sec - observedSec).toBeLessThanOrEqual(12 + blockTimeSec)
      beforeUsd = answerUsd
    }
  })

  test('behavior: epochs grow, oracles disperse a little, stablecoins that do not move say nothing', async () => {
    const reports = await reportsOf('ETH')
    const epochs = reports.map(({ epochAndRound }) => epochAndRound)
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b))
    for (const { observations, answer } of reports) {
      const [low, high] = [Number(observations[0]), Number(observations.at(-1))]
      expect((high - low) / Number(answer)).toBeGreaterThan(0)
      expect((high - low) / Number(answer)).toBeLessThan(0.001)
    }
    expect(await reportsOf('USDC')).toEqual([])
  })

  test('behavior: two feeds in one block stand in the order of their nonces', () => {
    const from = accounts.transmitter.address.toLowerCase()
    const mined = blocks.map(({ transactions }) => transactions.filter((tx) => tx.from === from))
    expect(mined.some((own) => own.length > 1)).toBe(true)
    const nonces = mined.flat().map(({ nonce }) => Number(nonce))
    expect(nonces).toEqual(nonces.map((_, i) => nonces[0]! + i))
  })
})

describe('arbitrageur', () => {
  const priceOf = async ({ address }: DeployedPool): Promise<number> => {
    const word = await anvil.rpc.call<Hex>('eth_call', [
      { to: address, data: '0x3850c7bd' },
      'latest',
    ])
    return Number(BigInt(word.slice(0, 66))) ** 2
  }

  test('default: pools end within their fee of the path, where it was a block ago at the most', async () => {
    for (const pool of deployed.pools.filter(({ follows }) => follows)) {
      const { token0, token1, feePips } = pool
      const [usd0, usd1] = [token0, token1].map(({ asset }) => usdAt(scenario, asset, lastSec))
      const fair = Number(sqrtPriceX96Of({ token0, token1, usd0: usd0!, usd1: usd1! })) ** 2
      expect(Math.abs((await priceOf(pool)) / fair - 1)).toBeLessThanOrEqual(
        (feePips / 1e6) * 1.001,
      )
    }
  })

  test('behavior: one swap per pool and block, all of them successful, none for a pool that does not follow', async () => {
    expect(arbitrageur.sent.length).toBeGreaterThan(20)
    const keys = arbitrageur.sent.map(({ pool, afterBlock }) => `${pool} ${afterBlock}`)
    expect(new Set(keys).size).toBe(keys.length)
    const receipts = await anvil.rpc.batch<{ readonly status: Hex } | null>(
      arbitrageur.sent.map(({ txHash }) => ({
        method: 'eth_getTransactionReceipt',
        params: [txHash],
      })),
    )
    expect(receipts.filter((receipt) => receipt !== null && receipt.status !== '0x1')).toEqual([])
    const idle = deployed.pools.filter(({ follows }) => !follows).map(({ address }) => address)
    expect(arbitrageur.sent.filter(({ pool }) => idle.includes(pool))).toEqual([])
  })

  test('behavior: a swap was worth its fee when it was sent', () => {
    const fees = new Map(deployed.pools.map(({ address, feePips }) => [address, feePips / 100]))
    for (const { pool, gapBps, zeroForOne } of arbitrageur.sent) {
      expect(Math.abs(gapBps)).toBeGreaterThan(fees.get(pool)!)
      expect(zeroForOne).toBe(gapBps > 0)
    }
  })

  test('behavior: nobody complained', () => {
    expect(said.filter((text) => !/reports/.test(text))).toEqual([])
  })
})
