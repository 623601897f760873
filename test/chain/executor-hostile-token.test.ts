import { encodeFunctionData, type Hex, parseEther, zeroAddress } from 'viem'
import { beforeEach, describe, expect, test } from 'vitest'
import { executorAbi } from '../../contracts/generated/executor.ts'
import {
  hostileCoinbaseAbi,
  hostileCoinbaseBytecode,
} from '../../contracts/generated/hostile-coinbase.ts'
import { hostileTokenAbi } from '../../contracts/generated/hostile-token.ts'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { aHostileMarket } from '../support/a-hostile-market.ts'
import { mallory } from '../support/an-executor-world.ts'

const owner = accounts.owner.address
const treasury = accounts.treasury.address

/** In the order of HostileToken.Manner and HostileCoinbase.Manner. */
const manners = {
  token: ['honest', 'false', 'fee', 'reenters', 'keeps allowance'],
  coinbase: ['takes', 'refuses', 'burns', 'reenters'],
} as const

const { world, link, aliceItem, carolItem, undone } = await aHostileMarket()
const { client, executor, tokenOf, item, execute, executeData, balanceOf, call, create } = world

describe('a token that turns bad', () => {
  const behave = (
    manner: (typeof manners.token)[number],
    target: Address = zeroAddress,
    data: Hex = '0x',
  ) => call(mallory, link, hostileTokenAbi, 'behave', [manners.token.indexOf(manner), target, data])
  const countOf = (functionName: 'attempts' | 'successes'): Promise<bigint> =>
    client.readContract({ address: link, abi: hostileTokenAbi, functionName })
  const borrower: Address = mallory
  const linkDebt = item(['WETH', 'LINK'], 1_000n * 10n ** 18n, { account: borrower })
  const openLinkDebt = async (): Promise<void> => {
    await world.open(borrower, ['WETH', parseEther('20')], ['LINK', 5_000n * 10n ** 18n])
    await world.answer('LINK', 7)
  }

  test('behavior: one that returns false is refused', async () => {
    await behave('false', executor)
    expect(await undone(carolItem)).toEqual(['TransferRefused', link])
  })

  test('behavior: one that takes a fee cannot pay the pool', async () => {
    await behave('fee')
    expect(await undone(carolItem)).toEqual(['Error', 'IIA'])
  })

  test('behavior: one that takes a fee cannot be repaid', async () => {
    await openLinkDebt()
    await behave('fee')
    expect((await undone(linkDebt))[0]).toBe('InsufficientBalance')
  })

  test('behavior: one that keeps its allowance is left without', async () => {
    await openLinkDebt()
    await behave('keeps allowance')
    const { liquidations } = await execute([linkDebt])
    expect(liquidations).toMatchObject([{ repaidRaw: linkDebt.repay }])
    expect(await world.strandedOf()).toEqual({})
  })

  const reentries = {
    execute: executeData([aliceItem]),
    executeItem: encodeFunctionData({
      abi: executorAbi,
      functionName: 'executeItem',
      args: [aliceItem, 0n],
    }),
    uniswapV3SwapCallback: encodeFunctionData({
      abi: executorAbi,
      functionName: 'uniswapV3SwapCallback',
      args: [1n, -1n, '0x'],
    }),
    rescue: encodeFunctionData({
      abi: executorAbi,
      functionName: 'rescue',
      args: [tokenOf('WETH'), 1n],
    }),
  }

  test.each(Object.entries(reentries))(
    'behavior: one that calls %s gets nowhere',
    async (_, data) => {
      await behave('reenters', executor, data)
      const { liquidations } = await execute([carolItem])
      expect(liquidations).toHaveLength(1)
      expect(await countOf('attempts')).toBeGreaterThan(2n)
      expect(await countOf('successes')).toBe(0n)
      expect(await world.strandedOf()).toEqual({})
    },
  )

  test('behavior: even an operator cannot execute within execute', async () => {
    await call(owner, executor, executorAbi, 'setOperator', [link, true])
    await behave('reenters', executor, reentries.execute)
    expect((await execute([carolItem])).liquidations).toHaveLength(1)
    expect(await countOf('successes')).toBe(0n)
  })
})

describe('a fee recipient that is code', () => {
  let recipient: Address
  const behave = (
    manner: (typeof manners.coinbase)[number],
    target: Address = zeroAddress,
    data: Hex = '0x',
  ) => {
    const args = [manners.coinbase.indexOf(manner), target, data]
    return call(mallory, recipient, hostileCoinbaseAbi, 'behave', args)
  }

  beforeEach(async () => {
    const contract = { abi: hostileCoinbaseAbi, bytecode: hostileCoinbaseBytecode } as const
    recipient = await create(mallory, contract)
    await world.rpc.call('anvil_setCoinbase', [recipient])
  })

  test('is paid the bid', async () => {
    const before = await client.getBalance({ address: recipient })
    const { liquidations, gasUsed } = await execute([aliceItem])
    const paid = (await client.getBalance({ address: recipient })) - before
    expect(paid).toBe(liquidations[0]!.bidWei + gasUsed)
  })

  test.each(['refuses', 'burns'] as const)('that %s undoes everything', async (manner) => {
    await behave(manner)
    const { status, gasUsed } = await execute([aliceItem])
    expect(status).toBe('reverted')
    expect(gasUsed).toBeLessThan(700_000n)
    expect(await balanceOf(tokenOf('WETH'), treasury)).toBe(0n)
    expect(await world.strandedOf()).toEqual({})
  })

  test('that calls back in gets nowhere, even as an operator', async () => {
    await call(owner, executor, executorAbi, 'setOperator', [recipient, true])
    await behave('reenters', executor, executeData([carolItem]))
    const { status, liquidations } = await execute([aliceItem])
    expect([status, liquidations.length]).toEqual(['success', 1])
    const successes = await client.readContract({
      address: recipient,
      abi: hostileCoinbaseAbi,
      functionName: 'successes',
    })
    expect(successes).toBe(0n)
  })
})
