import {
  encodeFunctionData,
  erc20Abi,
  maxUint256,
  parseAbi,
  parseEventLogs,
  parseUnits,
} from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { executorAbi } from '../../contracts/generated/executor.ts'
import { tokenAbi } from '../../contracts/generated/token.ts'
import { ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import { accounts, coinbases } from '../../sandbox/chain/accounts.ts'
import { epochAndRoundOf, transmitCalldata } from '../../sandbox/chain/feeds.ts'
import { loadScenario } from '../../sandbox/load-scenario.ts'
import { usdAt } from '../../sandbox/price-path.ts'
import {
  aavePoolAbi,
  aWorld,
  factoryAbi,
  quoterAbi,
  routerAbi,
  v3PoolAbi,
  type World,
} from '../support/a-world.ts'

const scenario = loadScenario('crash')
const { startSec } = scenario.chain
const gift = parseUnits('300000', 18)

let world: World

beforeAll(async () => {
  world = await aWorld(scenario, {
    prepare: ({ writer, weth }) => {
      const abi = parseAbi(['function deposit() payable'])
      const deposit = { from: accounts.deployer.address, to: weth, abi, valueWei: gift }
      writer.invoke(deposit, 'deposit')
      writer.create('a guest', '0x60016000f3')
    },
  })
})

afterAll(() => world?.anvil.stop())

describe('the pools', () => {
  test('stand at the price path, as deep as the scenario says', async () => {
    for (const [i, { address, token0, token1, feePips }] of world.deployed.pools.entries()) {
      const usd0 = usdAt(scenario, token0.asset, 0)
      const usd1 = usdAt(scenario, token1.asset, 0)
      const read = { address, abi: v3PoolAbi } as const
      const [sqrtPriceX96] = await world.client.readContract({ ...read, functionName: 'slot0' })
      const price =
        (Number(sqrtPriceX96) / 2 ** 96) ** 2 * 10 ** (token0.decimals - token1.decimals)
      expect(Math.abs(price / (usd0 / usd1) - 1)).toBeLessThan(1e-9)
      const held = await Promise.all(
        [token0, token1].map(({ token }) =>
          world.client.readContract({
            address: token,
            abi: erc20Abi,
            functionName: 'balanceOf',
            args: [address],
          }),
        ),
      )
      const value =
        (Number(held[0]) / 10 ** token0.decimals) * usd0 +
        (Number(held[1]) / 10 ** token1.decimals) * usd1
      expect(Math.abs(value / scenario.pools[i]!.depthUsd - 1)).toBeLessThan(1e-3)
      const listed = await world.client.readContract({
        address: world.deployed.addresses.uniswapV3Factory,
        abi: factoryAbi,
        functionName: 'getPool',
        args: [token0.token, token1.token, feePips],
      })
      expect(listed).toBe(address)
    }
  })

  test('trade through the genuine quoter and router, across initialised ticks', async () => {
    const { WETH, USDC } = world.deployed.assets
    const amountIn = parseUnits('15000', 18)
    const params = {
      tokenIn: WETH!.token,
      tokenOut: USDC!.token,
      amountIn,
      fee: 500,
      sqrtPriceLimitX96: 0n,
    }
    const { result } = await world.client.simulateContract({
      address: world.deployed.addresses.quoterV2,
      abi: quoterAbi,
      functionName: 'quoteExactInputSingle',
      args: [params],
    })
    const [quoted, , ticksCrossed] = result
    expect(ticksCrossed).toBeGreaterThanOrEqual(1)
    const receipt = await world.land(
      accounts.arbitrageur,
      world.deployed.addresses.swapRouter,
      encodeFunctionData({
        abi: routerAbi,
        functionName: 'exactInputSingle',
        args: [
          {
            ...params,
            recipient: accounts.judge.address,
            deadline: maxUint256,
            amountOutMinimum: quoted,
          },
        ],
      }),
    )
    expect(receipt.status).toBe('success')
    const received = await world.client.readContract({
      address: USDC!.token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [accounts.judge.address],
    })
    expect(received).toBe(quoted)
  })
})

describe('everyone', () => {
  test('starts with what the scenario gives', async () => {
    const balance = (address: Address) => world.client.getBalance({ address })
    for (const { address } of accounts.operators)
      expect(await balance(address)).toBe(parseUnits('5', 18))
    expect(await balance(accounts.treasury.address)).toBe(0n)
    for (const address of Object.values(coinbases)) expect(await balance(address)).toBe(1n)
  })

  test('finds what a guest of the set-up queued', async () => {
    const left = await world.client.readContract({
      address: world.deployed.assets.WETH!.token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [accounts.deployer.address],
    })
    expect(left).toBeGreaterThanOrEqual(gift)
    expect(left).toBeLessThan(gift + parseUnits('1', 18))
  })

  test('finds an executor of the owner, for the treasury, with four operators', async () => {
    const read = { address: world.deployed.addresses.executor, abi: executorAbi } as const
    expect(await world.client.readContract({ ...read, functionName: 'owner' })).toBe(
      accounts.owner.address,
    )
    expect(await world.client.readContract({ ...read, functionName: 'treasury' })).toBe(
      accounts.treasury.address,
    )
    for (const { address } of accounts.operators) {
      const allowed = await world.client.readContract({
        ...read,
        functionName: 'isOperator',
        args: [address],
      })
      expect(allowed).toBe(true)
    }
  })

  test('acts for itself only, once the set-up is over', async () => {
    const [mallory, alice] = [accounts.arbitrageur.address, world.deployed.borrowers[0]!.address]
    const theft = { from: alice, to: mallory, value: '0x1', gas: '0x5208' }
    await expect(world.anvil.rpc.call('eth_sendTransaction', [theft])).rejects.toThrow(
      ProtocolError,
    )
  })
})

describe('a fall of ether', () => {
  test('lets bob close half of what alice owes, to the wei of the rule', async () => {
    const { WETH, USDC } = world.deployed.assets
    const factors = await world.healthFactors()
    const candidates = world.deployed.borrowers
      .map((borrower, i) => ({ ...borrower, healthFactor: factors[i]! }))
      .filter(({ collateral, debt }) => collateral.length === 1 && debt.length === 1)
      .filter(
        ({ collateral, debt }) => collateral[0]?.symbol === 'WETH' && debt[0]?.symbol === 'USDC',
      )
      .sort((a, b) => (a.healthFactor < b.healthFactor ? -1 : 1))
    const alice = candidates[0]!.address
    const bob = accounts.judge

    const answerUsd = 1671.44
    const update = await transmitCalldata({
      configDigest: WETH!.configDigest,
      epochAndRound: epochAndRoundOf(1, 2),
      observationsTimestampSec: startSec,
      answerUsd,
      signers: accounts.oracleSigners,
    })
    expect((await world.land(accounts.transmitter, WETH!.aggregator, update)).status).toBe(
      'success',
    )
    const after = (await world.healthFactors())[
      world.deployed.borrowers.findIndex(({ address }) => address === alice)
    ]!
    expect(after).toBeLessThan(10n ** 18n)
    expect(after).toBeGreaterThan(95n * 10n ** 16n)

    const { deployer } = accounts
    const mint = encodeFunctionData({
      abi: tokenAbi,
      functionName: 'mint',
      args: [bob.address, parseUnits('3000000', 6)],
    })
    await world.land(deployer, USDC!.token, mint)
    const approve = encodeFunctionData({
      abi: erc20Abi,
      functionName: 'approve',
      args: [world.deployed.addresses.pool, maxUint256],
    })
    await world.land(bob, USDC!.token, approve)
    const receipt = await world.land(
      bob,
      world.deployed.addresses.pool,
      encodeFunctionData({
        abi: aavePoolAbi,
        functionName: 'liquidationCall',
        args: [WETH!.token, USDC!.token, alice, maxUint256, false],
      }),
    )
    const [event] = parseEventLogs({
      abi: aavePoolAbi,
      logs: receipt.logs,
      eventName: 'LiquidationCall',
    })
    const { debtToCover, liquidatedCollateralAmount } = event!.args
    const owed = candidates[0]!.debt[0]!.amountRaw
    expect(Number(debtToCover) / Number(owed)).toBeCloseTo(0.5, 4)

    // LiquidationLogic._calculateAvailableCollateralToLiquidate, with a bonus of 5 % and a fee of a tenth of it.
    const half = 5_000n
    const base =
      (BigInt(Math.round(USDC!.answerUsd * 1e8)) * debtToCover * 10n ** 18n) /
      (167_144_000_000n * 10n ** 6n)
    const collateral = (base * 10_500n + half) / 10_000n
    const bonus = collateral - (collateral * 10_000n + 5_250n) / 10_500n
    const seized = collateral - (bonus * 1_000n + half) / 10_000n
    expect(liquidatedCollateralAmount).toBe(seized)
    const received = await world.client.readContract({
      address: WETH!.token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [bob.address],
    })
    expect(received).toBe(seized)
  })
})
