import { erc20Abi, parseEther } from 'viem'
import { beforeEach, describe, expect, test } from 'vitest'
import { hostilePoolAbi, hostilePoolBytecode } from '../../contracts/generated/hostile-pool.ts'
import type { Address } from '../../core/types/chain.ts'
import { aHostileMarket } from '../support/a-hostile-market.ts'
import { type ExecutorItem, errorOf, mallory } from '../support/an-executor-world.ts'

const usd = 10n ** 6n
const zeroForOne = 1n << 255n
const mostOfInt = 2n ** 255n - 1n

/** In the order of HostilePool.Manner. */
const manners = [
  ...['honest', 'twice', 'too much', 'less', 'negative'],
  ...['silent', 'other data', 'nothing', 'short'],
]

const { world, link, aliceItem, carolItem, undone } = await aHostileMarket()
const { executor, tokenOf, execute, balanceOf, call, create } = world

describe('a pool of mallory in the flash swap', () => {
  let pool: Address
  let hostile: ExecutorItem
  const behave = (manner: string, price: bigint) =>
    call(mallory, pool, hostilePoolAbi, 'behave', [manners.indexOf(manner), price])

  beforeEach(async () => {
    pool = await create(mallory, {
      abi: hostilePoolAbi,
      bytecode: hostilePoolBytecode,
      args: [tokenOf('USDC'), tokenOf('WETH')],
    })
    await world.fund(pool, 'USDC', 1_000_000n * usd)
    hostile = { ...aliceItem, repay: 10_000n * usd, route: [BigInt(pool)] }
  })

  test('that is honest is as good as any', async () => {
    await behave('honest', parseEther('7'))
    const { liquidations, failures } = await execute([hostile])
    expect([failures.length, liquidations.length]).toEqual([0, 1])
    expect(liquidations[0]?.profitWei).toBe(liquidations[0]!.seizedRaw - parseEther('7'))
    expect(await balanceOf(tokenOf('WETH'), pool)).toBe(parseEther('7'))
  })

  test.each([
    ['twice', () => ['NotArmed', pool]],
    ['too much', () => ['AsksTooMuch', pool, mostOfInt, expect.any(BigInt)]],
    ['negative', () => ['AsksTooMuch', pool, 2n ** 256n - parseEther('7'), expect.any(BigInt)]],
    ['silent', () => ['NotCalledBack', pool]],
    ['other data', () => ['NotArmed', pool]],
    ['short', () => ['InsufficientBalance', executor, 10_000n * usd - 1n, 10_000n * usd]],
  ] as const)('gets nothing: %s', async (manner, reason) => {
    await behave(manner, parseEther('7'))
    expect(await undone(hostile)).toEqual(reason())
    expect(await balanceOf(tokenOf('WETH'), pool)).toBe(0n)
  })

  test('that asks for more than was seized gets nothing, whatever strayed here', async () => {
    await behave('honest', parseEther('7'))
    const snapshot = await world.rpc.call('evm_snapshot')
    const { seizedRaw } = (await execute([hostile])).liquidations[0]!
    await world.rpc.call('evm_revert', [snapshot])
    await world.fund(mallory, 'WETH', parseEther('50'))
    await call(mallory, tokenOf('WETH'), erc20Abi, 'transfer', [executor, parseEther('50')])
    await behave('honest', seizedRaw + 10n ** 12n)
    const { failures } = await execute([hostile, aliceItem])
    expect(errorOf(failures[0]!.error)[0]).toBe('AsksTooMuch')
    expect(await world.strandedOf()).toEqual({ WETH: parseEther('50') })
  })

  test('that pays short is not helped out with what strayed here', async () => {
    await world.fund(executor, 'USDC', 5n * usd)
    await behave('short', parseEther('7'))
    const { failures } = await execute([hostile, aliceItem])
    expect(errorOf(failures[0]!.error)).toEqual(['Stranded', tokenOf('USDC')])
    expect(await world.strandedOf()).toEqual({ USDC: 5n * usd })
  })

  test.each([
    ['silent', () => ['NotCalledBack', pool]],
    // It pays USDC where the genuine pool before it is owed USDT.
    ['honest', () => ['Error', 'IIA']],
  ] as const)('behind a genuine one gets nothing either: %s', async (manner, reason) => {
    await behave(manner, parseEther('7'))
    const route = [world.hop('USDT', 'USDC'), BigInt(pool)]
    expect(await undone({ ...hostile, route })).toEqual(reason())
    expect(await balanceOf(tokenOf('WETH'), pool)).toBe(0n)
  })
})

describe('a pool of mallory in the sale', () => {
  let pool: Address
  let hostile: ExecutorItem
  const behave = (manner: string) =>
    call(mallory, pool, hostilePoolAbi, 'behave', [manners.indexOf(manner), parseEther('1')])

  beforeEach(async () => {
    pool = await create(mallory, {
      abi: hostilePoolAbi,
      bytecode: hostilePoolBytecode,
      args: [link, tokenOf('WETH')],
    })
    await world.fund(mallory, 'WETH', parseEther('2'))
    await call(mallory, tokenOf('WETH'), erc20Abi, 'transfer', [pool, parseEther('2')])
    hostile = { ...carolItem, settle: [BigInt(pool) | zeroForOne] }
  })

  test('that is honest pays what it pays', async () => {
    await behave('honest')
    const { liquidations } = await execute([hostile])
    expect(liquidations[0]?.profitWei).toBe(parseEther('1'))
  })

  test.each([
    ['twice', () => ['NotArmed', pool]],
    ['too much', () => ['AsksTooMuch', pool, mostOfInt, expect.any(BigInt)]],
    ['negative', () => ['AsksTooMuch', pool, expect.any(BigInt), expect.any(BigInt)]],
    ['less', () => ['Stranded', link]],
    ['silent', () => ['NotCalledBack', pool]],
    ['other data', () => ['NotArmed', pool]],
    ['nothing', () => ['NoProfit', 0n, 1n]],
  ] as const)('gets nothing: %s', async (manner, reason) => {
    await behave(manner)
    expect(await undone(hostile)).toEqual(reason())
    expect(await balanceOf(link, pool)).toBe(0n)
  })
})
