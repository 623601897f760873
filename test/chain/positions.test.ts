import { parseAbi } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { loopSettings } from '../../bench/loop-settings.ts'
import { flipOf } from '../../bot/flip-price.ts'
import { type PositionFilter, positionRows } from '../../bot/position-rows.ts'
import type { FairPrice } from '../../core/types/price.ts'
import { bps, ms, sec } from '../../core/units.ts'
import { aChainFollower, type ChainFollower } from '../support/a-chain-follower.ts'
import { aChainHand, type ChainHand } from '../support/a-chain-hand.ts'
import { aScenario } from '../support/a-scenario.ts'
import { aWorld, type World } from '../support/a-world.ts'

const base = aScenario()
const scenario = aScenario({ positions: { ...base.positions, count: 40 } })
const poolAbi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
])

let world: World
let hand: ChainHand
const started: ChainFollower[] = []

beforeAll(async () => {
  world = await aWorld(scenario)
  hand = aChainHand(world)
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((follower) => follower.stop()))
})
afterAll(() => world?.anvil.stop())

const synced = async (): Promise<ChainFollower> => {
  const follower = aChainFollower(world.anvil, world.deployed)
  started.push(follower)
  await follower.standsOn(await hand.headHash())
  return follower
}

const healthOf = async (account: `0x${string}`): Promise<bigint> => {
  const [, , , , , healthFactorWad] = await world.client.readContract({
    address: world.deployed.addresses.pool,
    abi: poolAbi,
    functionName: 'getUserAccountData',
    args: [account],
  })
  return healthFactorWad
}

const fairAt = (usd: Readonly<Record<string, number>>): ReadonlyMap<string, FairPrice> =>
  new Map(
    Object.entries(usd).map(([asset, price]) => [
      asset,
      {
        ...{ asset, status: 'ok' as const, usd: price, sources: 3, atMs: ms(0) },
        confidenceBps: bps(1),
      },
    ]),
  )

const shown = (
  { book }: ChainFollower,
  filter: PositionFilter = {},
  { limit = 100, fair = fairAt({}) } = {},
) => positionRows({ book, fair }, loopSettings('positions'), filter, limit)

describe('positions', () => {
  test('are as the pool says, the nearest first', async () => {
    const it = await synced()
    const { rows, totals } = shown(it)
    expect(rows.length).toBeGreaterThan(30)
    expect(totals.positions).toBe(rows.length)
    for (const { account, healthFactor } of rows)
      expect(healthFactor).toBe(Number(await healthOf(account)) / 1e18)
    const factors = rows.map(({ healthFactor }) => healthFactor)
    expect(factors).toEqual(factors.toSorted((a, b) => a - b))
    expect(rows.filter(({ reason }) => reason === 'healthy').length).toBe(
      totals.positions - totals.liquidatable,
    )
    for (const { healthFactor, healthFactorNextBlock } of rows)
      expect(healthFactorNextBlock).toBeLessThanOrEqual(healthFactor)
  })

  test('flip at the very answer: there the pool calls them unhealthy, one unit above it healthy', async () => {
    for (const place of [0, 7, 19]) {
      const it = await synced()
      const { account, position } = shown(it).rows[place]!
      const protocol = it.book.protocols.find(({ id }) => position.startsWith(`${id}:`))!
      const flipIn = (seconds: number) =>
        flipOf({ book: it.book, protocol }, account, sec(it.book.head!.timestampSec + seconds))!
      const [at, above] = [flipIn(12), flipIn(24)]
      await hand.answer(at.feed.asset, Number(at.answerRaw) / 1e8)
      await hand.mine(1)
      expect(await healthOf(account), `${position} at ${at.answerRaw}`).toBeLessThan(10n ** 18n)
      await hand.answer(above.feed.asset, Number(above.answerRaw + 1n) / 1e8)
      await hand.mine(1)
      expect(await healthOf(account), `${position} above it`).toBeGreaterThanOrEqual(10n ** 18n)
      await Promise.all(started.splice(0).map((follower) => follower.stop()))
    }
  })

  test('at fair prices, filtered by asset and size, and no more than asked for', async () => {
    const it = await synced()
    const assets = [...it.book.feeds.values()]
    const usd = Object.fromEntries(
      assets.map(({ asset, answerRaw, decimals }) => [asset, Number(answerRaw) / 10 ** decimals]),
    )
    const same = shown(it, {}, { fair: fairAt(usd) })
    for (const { healthFactor, healthFactorFair } of same.rows)
      expect(healthFactorFair).toBeCloseTo(healthFactor, 6)
    const fallen = shown(it, {}, { fair: fairAt({ ...usd, ETH: usd.ETH! * 0.9 }) })
    const onEther = fallen.rows.find(({ collateral }) => collateral.join() === 'WETH')!
    expect(onEther.healthFactorFair).toBeCloseTo(onEther.healthFactor * 0.9, 3)
    const { ETH: _, ...withoutEther } = usd
    expect(shown(it, {}, { fair: fairAt(withoutEther) }).rows[0]!.healthFactorFair).toBeNull()

    const bitcoin = shown(it, { asset: 'wbtc' }).rows
    expect(bitcoin.length).toBeGreaterThan(0)
    expect(bitcoin.every((row) => [...row.collateral, ...row.debt].includes('WBTC'))).toBe(true)
    const large = shown(it, { minUsd: 5_000, maxUsd: 20_000 }).rows
    expect(large.length).toBeGreaterThan(0)
    expect(large.every(({ debtUsd }) => debtUsd >= 5_000 && debtUsd <= 20_000)).toBe(true)
    expect(shown(it, { protocol: 'morpho-blue' }).rows).toEqual([])
    expect(shown(it, {}, { limit: 3 }).rows).toHaveLength(3)
  })

  test('that fell say what closing pays, or why nobody does it', async () => {
    await hand.answer('ETH', 1_000)
    await hand.mine(1)
    const { rows, totals } = shown(await synced())
    expect(totals.liquidatable).toBeGreaterThan(5)
    const fell = rows.filter(({ healthFactor }) => healthFactor < 1)
    expect(fell).toHaveLength(totals.liquidatable)
    expect(fell.every(({ reason }) => reason !== 'healthy')).toBe(true)
    const pays = fell.filter(({ closing }) => closing !== null)
    for (const { closing } of pays) {
      expect(closing!.netUsd).toBeGreaterThan(0)
      expect(BigInt(closing!.repayRaw)).toBeGreaterThan(0n)
    }
    expect(
      pays.length + fell.filter(({ reason }) => reason !== null).length,
    ).toBeGreaterThanOrEqual(fell.length)
  })
})
