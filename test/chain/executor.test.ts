import { erc20Abi, parseEther } from 'viem'
import { describe, expect, test } from 'vitest'
import { accounts } from '../../sandbox/chain/accounts.ts'
import {
  alice,
  anExecutorWorld,
  bob,
  coinbase,
  errorOf,
  mallory,
} from '../support/an-executor-world.ts'

const usd = 10n ** 6n
const treasury = accounts.treasury.address

/** Alice owes 100,000 USDC against 80 ether, and ether falls from 1,705 to 1,450 dollars at the oracle. */
const world = await anExecutorWorld(async ({ open, answer }) => {
  await open(alice, ['WETH', 80n * 10n ** 18n], ['USDC', 100_000n * usd])
  await answer('WETH', 1_450)
})
const { client, deployed, executor, tokenOf, item, execute, balanceOf, debtOf, open, answer } =
  world
const weth = tokenOf('WETH')
const repay = 40_000n * usd
const short = ['InsufficientBalance', executor] as const

describe('execute', () => {
  test('closes a position and shares the profit to the last wei', async () => {
    const [treasuryBefore, debtBefore] = [await balanceOf(weth, treasury), await debtOf('USDC')]
    const coinbaseBefore = await client.getBalance({ address: coinbase })
    const { status, liquidations, failures, gasUsed } = await execute([
      item(['WETH', 'USDC'], repay),
    ])

    expect({ status, failures }).toEqual({ status: 'success', failures: [] })
    const [closed] = liquidations
    expect(closed).toMatchObject({ collateral: weth, debt: tokenOf('USDC'), repaidRaw: repay })
    // At the oracle's price with a bonus of 5 %, less a tenth of the bonus for the protocol.
    expect(Number(closed!.seizedRaw) / 1e18).toBeCloseTo((40_000 / 1_450) * 1.045, 2)
    expect(closed!.bidWei).toBe((closed!.profitWei * 7_300n) / 10_000n)
    expect((await balanceOf(weth, treasury)) - treasuryBefore).toBe(
      closed!.profitWei - closed!.bidWei,
    )
    const paid = (await client.getBalance({ address: coinbase })) - coinbaseBefore
    expect(paid).toBe(closed!.bidWei + gasUsed) // the tip is one wei
    const less = debtBefore - (await debtOf('USDC'))
    expect(repay - less).toBeLessThan(10n) // the interest of a block
    expect(await world.strandedOf()).toEqual({})
  })

  test.each([0n, 10_000n])('a bid of %i bps', async (bidBps) => {
    const before = await balanceOf(weth, treasury)
    const { liquidations } = await execute([item(['WETH', 'USDC'], repay)], { bidBps })
    const [closed] = liquidations
    expect(closed?.bidWei).toBe(bidBps === 0n ? 0n : closed?.profitWei)
    expect((await balanceOf(weth, treasury)) - before).toBe(bidBps === 0n ? closed?.profitWei : 0n)
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: USDT, which returns nothing, is borrowed and repaid', async () => {
    await open(mallory, ['WETH', 80n * 10n ** 18n], ['USDT', 90_000n * usd])
    await answer('WETH', 1_300)
    const { liquidations } = await execute([item(['WETH', 'USDT'], repay, { account: mallory })])
    expect(liquidations).toMatchObject([{ repaidRaw: repay }])
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: a route of two pools, and what is left is sold', async () => {
    await open(mallory, ['LINK', 20_000n * 10n ** 18n], ['USDT', 60_000n * usd])
    await answer('LINK', 3.8)
    const before = await balanceOf(weth, treasury)
    const closing = item(['LINK', 'USDT'], 20_000n * usd, { account: mallory })
    expect([closing.route.length, closing.settle.length]).toEqual([2, 1])
    const { liquidations } = await execute([closing])
    const { profitWei, bidWei } = liquidations[0]!
    expect((await balanceOf(weth, treasury)) - before).toBe(profitWei - bidWei)
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: debt in WETH, sold and settled through the same pool', async () => {
    await open(mallory, ['USDC', 100_000n * usd], ['WETH', 40n * 10n ** 18n])
    await answer('WETH', 2_100)
    const closing = item(['USDC', 'WETH'], parseEther('10'), { account: mallory })
    expect(closing.route[0]).toBe(closing.settle[0])
    const { liquidations } = await execute([closing])
    expect(liquidations[0]?.profitWei).toBeGreaterThan(0n)
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: settled through several pools', async () => {
    const { hop } = world
    await open(mallory, ['USDC', 100_000n * usd], ['WETH', 40n * 10n ** 18n])
    await answer('WETH', 2_100)
    const settle = [hop('USDC', 'USDT'), hop('USDT', 'WETH')]
    const closing = item(['USDC', 'WETH'], parseEther('10'), { account: mallory, settle })
    const { liquidations } = await execute([closing])
    expect(liquidations[0]?.profitWei).toBeGreaterThan(0n)
    expect(await world.strandedOf()).toEqual({})
  })
})

describe('a batch', () => {
  test('items succeed in order, and profits and bids add up', async () => {
    await open(mallory, ['WETH', 40n * 10n ** 18n], ['USDT', 45_000n * usd])
    await answer('WETH', 1_300)
    const before = await balanceOf(weth, treasury)
    const { liquidations } = await execute([
      item(['WETH', 'USDC'], repay),
      item(['WETH', 'USDT'], 20_000n * usd, { account: mallory }),
      item(['WETH', 'USDC'], 5_000n * usd),
    ])
    expect(liquidations.map(({ repaidRaw }) => repaidRaw)).toEqual([
      repay,
      20_000n * usd,
      5_000n * usd,
    ])
    const kept = liquidations.reduce((sum, { profitWei, bidWei }) => sum + profitWei - bidWei, 0n)
    expect((await balanceOf(weth, treasury)) - before).toBe(kept)
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: a healthy account fails alone, with the reason of Aave', async () => {
    await open(mallory, ['WETH', 40n * 10n ** 18n], ['USDC', 10_000n * usd])
    const { liquidations, failures } = await execute([
      item(['WETH', 'USDC'], 5_000n * usd, { account: mallory }),
      item(['WETH', 'USDC'], repay),
    ])
    expect(liquidations).toHaveLength(1)
    expect(failures).toMatchObject([{ position: `aave-v3:${mallory.toLowerCase()}` }])
    // HEALTH_FACTOR_NOT_BELOW_THRESHOLD (aave-v3-core, Errors.sol)
    expect(errorOf(failures[0]!.error)).toEqual(['Error', '45'])
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: an item that fails at its very end leaves nothing behind, and the next one is closed', async () => {
    const debtBefore = await debtOf('USDC')
    const notWeth = item(['WETH', 'USDC'], repay, { settle: [world.hop('WETH', 'USDC')] })
    const { liquidations, failures, status } = await execute([
      notWeth,
      item(['WETH', 'USDC'], 1_000n * usd),
    ])
    expect(status).toBe('success')
    expect(failures.map(({ error }) => errorOf(error))).toEqual([
      ['NotSettledInWeth', tokenOf('USDC')],
    ])
    expect(liquidations.map(({ repaidRaw }) => repaidRaw)).toEqual([1_000n * usd])
    expect(debtBefore - (await debtOf('USDC'))).toBeLessThan(1_001n * usd)
    expect(await world.strandedOf()).toEqual({})
  })

  test('behavior: more than Aave takes is an item undone, not debt stranded', async () => {
    const { failures, liquidations } = await execute([
      item(['WETH', 'USDC'], 90_000n * usd),
      item(['WETH', 'USDC'], repay),
    ])
    expect(liquidations).toHaveLength(1)
    expect(failures.map(({ error }) => errorOf(error))).toEqual([['Stranded', tokenOf('USDC')]])
    expect(await world.strandedOf()).toEqual({})
  })

  test.each([
    ['no route', { route: [] }, ['NoRoute']],
    ['an account without code for a pool', { route: [BigInt(mallory)] }, []],
    ['the executor for a pool', { route: [BigInt(executor)] }, []],
    ['a token for a pool', { route: [BigInt(weth)] }, []],
    ['a repay beyond int256', { repay: 2n ** 255n }, ['AmountTooLarge', 2n ** 255n]],
    ['a repay of nothing', { repay: 0n }, ['Error', 'AS']],
    ['a debt that is no token', { debt: mallory }, []],
    ['a route that pays out another token', { route: [world.hop('WETH', 'USDT')] }, short],
    ['a route in the wrong direction', { route: [world.hop('USDC', 'WETH')] }, short],
  ] as const)('behavior: %s fails alone', async (_, fields, reason) => {
    const { failures, liquidations } = await execute([
      item(['WETH', 'USDC'], repay, fields),
      item(['WETH', 'USDC'], repay),
    ])
    expect([failures.length, liquidations.length]).toEqual([1, 1])
    expect(errorOf(failures[0]!.error).slice(0, reason.length)).toEqual(reason)
    expect(await world.strandedOf()).toEqual({})
  })
})

describe('what strays to the executor', () => {
  test('is neither spent nor counted as profit', async () => {
    const snapshot = await world.rpc.call('evm_snapshot')
    const [clean] = (await execute([item(['WETH', 'USDC'], repay)])).liquidations
    await world.rpc.call('evm_revert', [snapshot])
    const strays = { WETH: 3n * 10n ** 18n, USDC: 777n * usd }
    for (const [symbol, amount] of Object.entries(strays)) {
      await world.fund(mallory, symbol, amount)
      await world.call(mallory, tokenOf(symbol), erc20Abi, 'transfer', [executor, amount])
    }
    const before = await balanceOf(weth, treasury)
    const [closed] = (await execute([item(['WETH', 'USDC'], repay)])).liquidations
    expect(closed!.profitWei).toBeLessThanOrEqual(clean!.profitWei)
    expect((await balanceOf(weth, treasury)) - before).toBe(closed!.profitWei - closed!.bidWei)
    expect(await world.strandedOf()).toEqual(strays)
  })
})

test('the operators of the sandbox are those of the executor', async () => {
  expect(bob).toBe(accounts.operators[0]?.address)
  expect(deployed.addresses.executor).toBe(executor)
})
