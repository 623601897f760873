import { erc20Abi, parseAbi, parseGwei, parseUnits } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setupBlocks } from '../../sandbox/chain/genesis.ts'
import { parameters } from '../../sandbox/chain/parameters.ts'
import { loadScenario } from '../../sandbox/load-scenario.ts'
import { aWorld, dataProviderAbi, oracleAbi, proxyAbi, type World } from '../support/a-world.ts'

const scenario = loadScenario('crash')
const { startSec, firstBlock, gasLimit } = scenario.chain
const { count } = scenario.positions
const [lowest, highest] = scenario.positions.healthFactor

const log = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

let world: World

beforeAll(async () => {
  world = await aWorld(scenario, { log })
  log(`the whole start took ${Math.round(world.wallMs)} ms`)
})

afterAll(() => world?.anvil.stop())

const assetsOf = () => Object.values(world.deployed.assets)

describe('the deployed world', () => {
  test('has code at every address', async () => {
    const everywhere = [
      ...Object.values(world.deployed.addresses),
      ...assetsOf().flatMap((asset) => [
        asset.token,
        asset.aToken,
        asset.stableDebtToken,
        asset.variableDebtToken,
        asset.proxy,
        asset.aggregator,
      ]),
      ...world.deployed.pools.map(({ address }) => address),
    ]
    const codes = await Promise.all(everywhere.map((address) => world.client.getCode({ address })))
    expect(everywhere.filter((_, i) => (codes[i]?.length ?? 0) < 100)).toEqual([])
    expect(new Set(everywhere).size).toBe(11 + 6 * 6 + 8)
  })

  test("stands at mainnet's addresses where genuine contracts created them", async () => {
    const { assets, pools } = world.deployed
    expect(
      Object.values(assets).map(({ symbol, aToken, variableDebtToken }) => [
        symbol,
        aToken,
        variableDebtToken,
      ]),
    ).toMatchInlineSnapshot(`
      [
        [
          "WETH",
          "0x4d5F47FA6A74757f35C14fD3a6Ef8E3C9BC514E8",
          "0xeA51d7853EEFb32b6ee06b1C12E6dcCA88Be0fFE",
        ],
        [
          "WBTC",
          "0x5Ee5bf7ae06D1Be5997A1A72006FE6C607eC6DE8",
          "0x40aAbEf1aa8f0eEc637E0E7d92fbfFB2F26A8b7B",
        ],
        [
          "USDC",
          "0x98C23E9d8f34FEFb1B7BD6a91B7FF122F4e16F5c",
          "0x72E95b8931767C79bA4EeE721354d6E99a61D004",
        ],
        [
          "DAI",
          "0x018008bfb33d285247A21d44E50697654f754e63",
          "0xcF8d0c70c850859266f5C338b38F9D663181C314",
        ],
        [
          "LINK",
          "0x5E8C8A7243651DB1384C0dDfDbE39761E8e7E51a",
          "0x4228F8895C7dDA20227F6a5c6751b8Ebf19a6ba8",
        ],
        [
          "USDT",
          "0x23878914EFE38d27C4D67Ab83ed1b93A74D4086a",
          "0x6df1C1E379bC5a00a7b4C6e67A203333772f45A8",
        ],
      ]
    `)
    expect(pools[0]?.address).toBe('0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640')
    for (const asset of assetsOf()) {
      const tokens = await world.client.readContract({
        address: world.deployed.addresses.protocolDataProvider,
        abi: dataProviderAbi,
        functionName: 'getReserveTokensAddresses',
        args: [asset.token],
      })
      expect(tokens).toEqual([asset.aToken, asset.stableDebtToken, asset.variableDebtToken])
    }
  })

  test('ends in the block before the first, at its time and with its base fee', async () => {
    const block = await world.client.getBlock()
    expect(block.number).toBe(BigInt(firstBlock - 1))
    expect(block.timestamp).toBe(BigInt(startSec - scenario.chain.blockTimeSec))
    expect(block.baseFeePerGas).toBe(parseGwei(String(scenario.chain.baseFeeGwei[0]![1])))
    expect(block.gasLimit).toBe(BigInt(gasLimit))
    const parent = await world.client.getBlock({ blockNumber: block.number - 5n })
    expect(block.timestamp - parent.timestamp).toBe(5n * BigInt(scenario.chain.blockTimeSec))
  })

  test('comes out the same every time', async () => {
    const again = await aWorld(scenario)
    try {
      const [one, other] = await Promise.all([
        world.client.getBlock({ blockNumber: BigInt(firstBlock - 1) }),
        again.client.getBlock(),
      ])
      expect(other.hash).toBe(one.hash)
    } finally {
      await again.anvil.stop()
    }
  })

  test('starts in time', () => {
    const { blocks, transactions } = world.deployed.counts
    expect(blocks).toBe(setupBlocks(scenario))
    expect(transactions).toBeGreaterThan(count * 4)
    expect(world.wallMs).toBeLessThan(30_000)
  })
})

describe('the market', () => {
  test("has mainnet's parameters, variable rates only and what the scenario supplies", async () => {
    const { protocolDataProvider: address } = world.deployed.addresses
    for (const { symbol, token, decimals } of assetsOf()) {
      const read = { address, abi: dataProviderAbi, args: [token] } as const
      const expected = parameters[symbol]!
      const configuration = await world.client.readContract({
        ...read,
        functionName: 'getReserveConfigurationData',
      })
      expect(configuration).toEqual([
        BigInt(decimals),
        BigInt(expected.ltvBps),
        BigInt(expected.liquidationThresholdBps),
        BigInt(expected.liquidationBonusBps),
        BigInt(expected.reserveFactorBps),
        ...[true, true, false, true, false],
      ])
      const fee = await world.client.readContract({
        ...read,
        functionName: 'getLiquidationProtocolFee',
      })
      expect(fee).toBe(BigInt(expected.protocolFeeBps))
      const [, , supplied] = await world.client.readContract({
        ...read,
        functionName: 'getReserveData',
      })
      const whale = parseUnits(String(scenario.markets[symbol]!.supplied), decimals)
      expect(supplied).toBeGreaterThanOrEqual(whale)
    }
  })

  test('reads its prices from feeds behind genuine proxies', async () => {
    for (const asset of assetsOf()) {
      const read = { address: asset.proxy, abi: proxyAbi } as const
      const [, answer, startedAt, updatedAt] = await world.client.readContract({
        ...read,
        functionName: 'latestRoundData',
      })
      expect(answer).toBe(BigInt(Math.round(asset.answerUsd * 1e8)))
      expect(Number(updatedAt)).toBeLessThan(startSec)
      expect(startedAt).toBeLessThanOrEqual(updatedAt)
      expect(await world.client.readContract({ ...read, functionName: 'aggregator' })).toBe(
        asset.aggregator,
      )
      expect(await world.client.readContract({ ...read, functionName: 'decimals' })).toBe(8)
      expect(await world.client.readContract({ ...read, functionName: 'description' })).toBe(
        `${asset.asset} / USD`,
      )
      const price = await world.client.readContract({
        address: world.deployed.addresses.aaveOracle,
        abi: oracleAbi,
        functionName: 'getAssetPrice',
        args: [asset.token],
      })
      expect(price).toBe(answer)
    }
    expect(world.deployed.assets.WETH?.answerUsd).toBe(1705.06)
  })
})

describe('the borrowers', () => {
  test('are as healthy as the scenario says, most of them barely', async () => {
    const ratios = (await world.healthFactors()).map((wad) => Number(wad) / 1e18)
    expect(ratios).toHaveLength(count)
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(lowest)
    expect(Math.max(...ratios)).toBeLessThanOrEqual(highest)
    const median = ratios.sort((a, b) => a - b)[count / 2]!
    expect(median).toBeLessThan(lowest + (highest - lowest) * 0.35)
    expect(ratios[10]).toBeLessThan(lowest + (highest - lowest) * 0.01)
  })

  test('owe between the least and the most, many little and few much', async () => {
    const debtsUsd = world.deployed.borrowers
      .map(({ debt }) =>
        debt.reduce((usd, { symbol, amountRaw }) => {
          const { decimals, answerUsd } = world.deployed.assets[symbol]!
          return usd + (Number(amountRaw) / 10 ** decimals) * answerUsd
        }, 0),
      )
      .sort((a, b) => a - b)
    expect(debtsUsd[0]).toBeGreaterThan(1_999)
    expect(debtsUsd.at(-1)).toBeLessThan(2_000_001)
    expect(debtsUsd[count / 2]).toBeLessThan(6_000)
    expect(debtsUsd.at(-1)).toBeGreaterThan(100_000)
  })

  test('hold and owe on chain what the deployment says', async () => {
    for (const { address, collateral, debt } of world.deployed.borrowers.slice(0, 40)) {
      for (const [holdings, side] of [
        [collateral, 'aToken'],
        [debt, 'variableDebtToken'],
      ] as const) {
        for (const { symbol, amountRaw } of holdings) {
          const balance = await world.client.readContract({
            address: world.deployed.assets[symbol]![side],
            abi: erc20Abi,
            functionName: 'balanceOf',
            args: [address],
          })
          expect(Number(balance - amountRaw) / Number(amountRaw)).toBeLessThan(1e-4)
          expect(balance).toBeGreaterThanOrEqual(amountRaw - 1n)
        }
      }
    }
  })

  test('opened their positions in many blocks', async () => {
    const logs = await world.client.getContractEvents({
      address: world.deployed.addresses.pool,
      abi: parseAbi([
        'event Borrow(address indexed reserve, address user, address indexed onBehalfOf, uint256 amount, uint8 interestRateMode, uint256 borrowRate, uint16 indexed referralCode)',
      ]),
      fromBlock: 0n,
    })
    expect(new Set(logs.map(({ args }) => args.onBehalfOf)).size).toBe(count)
    expect(new Set(logs.map(({ blockNumber }) => blockNumber)).size).toBe(Math.ceil(count / 10))
  })
})
