import { type Hex, numberToHex } from 'viem'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Address } from '../../core/types/chain.ts'
import type { Plan, PlanItem } from '../../core/types/plan.ts'
import { bps, gas, ms, raw, wei } from '../../core/units.ts'
import { decodeOutcome } from '../../execution/decode.ts'
import { encodeIntent } from '../../execution/encode.ts'
import { accountAt, accounts } from '../../sandbox/chain/accounts.ts'
import { artifact } from '../../sandbox/chain/artifacts.ts'
import { answerRawOf, transmitCalldata } from '../../sandbox/chain/feeds.ts'
import { mainnet } from '../../sandbox/chain/mainnet.ts'
import { sqrtPriceX96Of } from '../../sandbox/chain/uniswap.ts'
import { usdAt } from '../../sandbox/price-path.ts'
import { liquidatable } from '../../strategies/find-opportunities.ts'
import { createGuard } from '../../strategies/guard.ts'
import { createOracleBackrun } from '../../strategies/oracle-backrun.ts'
import type { LiquidationParams } from '../../strategies/params.ts'
import { createPartialLiquidation } from '../../strategies/partial-liquidation.ts'
import { anExecutorWorld } from '../support/an-executor-world.ts'
import { aChainBook, type ChainBook } from '../support/chain-book.ts'

const ether = 10n ** 18n
const usd = 10n ** 6n
const borrowers = Array.from({ length: 8 }, (_, index) => accountAt(2_100 + index).address)

const world = await anExecutorWorld(async ({ open, rpc }) => {
  for (const borrower of borrowers)
    await rpc.call('anvil_setBalance', [borrower, numberToHex(10n ** 24n)])
  const [a, b, c, d, e, f, g, h] = borrowers as [
    ...[Address, Address, Address, Address],
    ...[Address, Address, Address, Address],
  ]
  await open(a, ['WETH', 80n * ether], ['USDC', 105_000n * usd])
  await open(b, ['WETH', 800n * ether], ['USDT', 1_060_000n * usd])
  await open(c, ['WETH', 4n * ether], ['DAI', 5_200n * ether])
  await open(d, ['WBTC', 10n * 10n ** 8n], ['USDC', 190_000n * usd])
  await open(e, ['LINK', 30_000n * ether], ['USDT', 100_000n * usd])
  await open(f, ['WBTC', 4n * 10n ** 8n], ['WETH', 46n * ether])
  await open(g, ['WETH', 5_000n * ether], ['USDC', 6_700_000n * usd])
  await open(h, ['WETH', 40n * ether], ['USDC', 30_000n * usd])
  await open(h, ['LINK', 2_000n * ether], ['USDT', 30_500n * usd])
})
const { rpc, client, deployed, scenario, executor, tokenOf, answer, mine } = world

const params: LiquidationParams = {
  enabled: true,
  weth: tokenOf('WETH'),
  bidBps: 7300,
  minNetUsd: 1,
  maxItemsPerTx: 3,
}

/** Sends each plan from an operator of its own, behind what is pending already, mines and compares. */
const land = async (plans: readonly Plan[]): Promise<void> => {
  const hashes: Hex[] = []
  for (const [index, plan] of plans.entries()) {
    const operator = accounts.operators[index]!.address
    const deadlineBlock = plan.targetBlock
    const intent = { id: plan.id, plan, operator, nonce: 0, deadlineBlock }
    const fields = {
      ...{ from: operator, to: executor, data: encodeIntent(intent) },
      gas: numberToHex(plan.gasLimit),
      maxFeePerGas: numberToHex(plan.maxFeePerGasWei),
      maxPriorityFeePerGas: '0x1',
    }
    hashes.push(await rpc.call<Hex>('eth_sendTransaction', [fields]))
  }
  await mine()
  for (const [index, plan] of plans.entries()) {
    const receipt = await client.getTransactionReceipt({ hash: hashes[index]! })
    const { liquidations, failures } = decodeOutcome(executor, 'aave-v3', receipt.logs)
    expect({ status: receipt.status, failures }).toEqual({ status: 'success', failures: [] })
    expect(Number(receipt.blockNumber)).toBe(plan.targetBlock)
    expect(
      liquidations.map(({ position, repaidRaw, seizedRaw, profitWei, bidWei }) => ({
        ...{ position, repaidRaw, seizedRaw, profitWei, bidWei },
      })),
    ).toEqual(
      plan.items.map(({ position, repayRaw, seizeRaw, profitWei, bidWei }) => ({
        ...{ position, repaidRaw: repayRaw, seizedRaw: seizeRaw, profitWei, bidWei },
      })),
    )
    expect(receipt.gasUsed * 5n).toBeLessThan(plan.gasLimit * 4n)
  }
  expect(await world.strandedOf()).toEqual({})
}

const router = artifact('@uniswap/v3-periphery', 'SwapRouter').abi

/** The arbitrageur sells ether into every pool of it until the pool stands at this price. */
const sellEtherDownTo = async (usdPerEther: number): Promise<void> => {
  for (const { token0, token1, feePips } of deployed.pools) {
    const other = [token0, token1].find(({ symbol }) => symbol !== 'WETH')!
    if (![token0, token1].some(({ symbol }) => symbol === 'WETH')) continue
    const usdOf = ({ asset }: typeof token0): number =>
      asset === 'ETH' ? usdPerEther : usdAt(scenario, asset, 0)
    const sqrtPriceLimitX96 = sqrtPriceX96Of({
      ...{ token0, token1 },
      ...{ usd0: usdOf(token0), usd1: usdOf(token1) },
    })
    const { status } = await world.call(
      accounts.arbitrageur.address,
      mainnet.swapRouter,
      router,
      'exactInputSingle',
      [
        {
          ...{ tokenIn: tokenOf('WETH'), tokenOut: other.token, fee: feePips, sqrtPriceLimitX96 },
          ...{ amountIn: 30_000n * ether, amountOutMinimum: 0n, deadline: 2n ** 64n },
          recipient: accounts.arbitrageur.address,
        },
      ],
    )
    expect(status).toBe('success')
  }
}

const itemsOf = (plans: readonly Plan[]) => plans.flatMap(({ items }) => items)

describe('a plan on the genuine contracts', () => {
  let chain: ChainBook
  beforeEach(async () => {
    chain = await aChainBook(world)
  })

  test('what is liquidatable at the head lands in the next block as planned, to the wei', async () => {
    await sellEtherDownTo(1_520)
    await answer('WETH', 1_560)
    await answer('WBTC', 23_600)
    await answer('LINK', 4.8)
    const event = await chain.catchUp()
    const strategy = createPartialLiquidation(params)
    const { plans } = strategy.evaluate(chain.world(), event)
    expect(itemsOf(plans).length).toBeGreaterThanOrEqual(6)
    expect(plans.length).toBeGreaterThanOrEqual(2)
    // Some sell what is left, some go through two pools, some are too large for the pools to be closed in full.
    expect(itemsOf(plans).some(({ settle }) => settle.length > 0)).toBe(true)
    expect(itemsOf(plans).some(({ route }) => route.length > 1)).toBe(true)
    const view = chain.book.view(chain.world().nextBlockSec)
    const mostOf = ({ position, collateral, debt }: PlanItem): bigint =>
      liquidatable(chain.world(), view)
        .find((opportunity) => opportunity.position === position)!
        .pairs.find((pair) => pair.collateral.address === collateral && pair.debt.address === debt)!
        .maxRepayRaw
    expect(itemsOf(plans).some((item) => item.repayRaw < mostOf(item))).toBe(true)
    await land(plans)

    // And what the logs of it told is enough to do the same again.
    await answer('WETH', 1_450)
    const next = strategy.evaluate(chain.world(), await chain.catchUp())
    expect(itemsOf(next.plans).length).toBeGreaterThan(0)
    await land(next.plans)
  })

  test('behind a pending update it lands in the same block as the update, to the wei', async () => {
    const feed = deployed.assets.WETH!
    const { timestamp } = await client.getBlock()
    const answerUsd = 1_575
    const data = await transmitCalldata({
      configDigest: feed.configDigest,
      epochAndRound: feed.epochAndRound + 256,
      observationsTimestampSec: Number(timestamp),
      answerUsd,
      signers: accounts.oracleSigners,
    })
    const txHash = await rpc.call<Hex>('eth_sendTransaction', [
      {
        ...{ from: accounts.transmitter.address, to: feed.aggregator, data },
        ...{ gas: '0x493e0', maxFeePerGas: numberToHex(60n * 10n ** 9n) },
        maxPriorityFeePerGas: '0x1',
      },
    ])
    const event = chain.tell({
      type: 'pending-update',
      update: {
        ...{ aggregator: feed.aggregator, txHash, rawTx: data, from: accounts.transmitter.address },
        answerRaw: raw(answerRawOf(answerUsd)),
        epochAndRound: feed.epochAndRound + 256,
        gasLimit: gas(300_000n),
        maxFeePerGasWei: wei(10n ** 13n),
        seenMs: ms(0),
      },
    })
    const verdict = createOracleBackrun(params).evaluate(chain.world(), event)
    const guard = createGuard({
      ...{ mode: 'live', maxHeadAgeMs: 36_000, maxPlanUsd: 1e9, maxBlockUsd: 1e9 },
      ...{ oracleWrongBps: bps(1_500), denyAccounts: [], denyTokens: [] },
    })
    const { plans } = guard.review(chain.world(), verdict)
    expect(plans).toEqual(verdict.plans)
    expect(itemsOf(plans).length).toBeGreaterThanOrEqual(3)
    expect(plans.every(({ behind }) => behind?.txHash === txHash)).toBe(true)
    await land(plans)
    const update = await client.getTransactionReceipt({ hash: txHash })
    expect(Number(update.blockNumber)).toBe(plans[0]!.targetBlock)
    expect(update.transactionIndex).toBe(0)
  })
})
