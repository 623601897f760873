import { encodeFunctionData, erc20Abi, type Hex, zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { executorAbi } from '../../contracts/generated/executor.ts'
import type { Address } from '../../core/types/chain.ts'
import { createSigner } from '../../execution/sign.ts'
import { accounts, keyAt } from '../../sandbox/chain/accounts.ts'
import { aBundle } from '../support/a-bundle.ts'
import { anIntentOf } from '../support/an-executor-intent.ts'
import { alice, anExecutorWorld, bob, mallory } from '../support/an-executor-world.ts'

const usd = 10n ** 6n
const owner = accounts.owner.address
const treasury = accounts.treasury.address

const world = await anExecutorWorld(async ({ open, answer }) => {
  await open(alice, ['WETH', 80n * 10n ** 18n], ['USDC', 100_000n * usd])
  await answer('WETH', 1_450)
})
const { client, executor, tokenOf, item, execute, executeData, refusalOf, balanceOf, call } = world
const items = [item(['WETH', 'USDC'], 40_000n * usd)]
const calldata = executeData(items)

const dataOf = (functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: executorAbi, functionName, args } as Parameters<
    typeof encodeFunctionData
  >[0])

describe('who may execute', () => {
  test('mallory, who copies the calldata of bob, may not', async () => {
    expect(await refusalOf(mallory, calldata)).toEqual(['NotOperator', mallory])
    expect(await refusalOf(bob, calldata)).toBeUndefined()
  })

  test('nor may owner and treasury', async () => {
    expect(await refusalOf(owner, calldata)).toEqual(['NotOperator', owner])
    expect(await refusalOf(treasury, calldata)).toEqual(['NotOperator', treasury])
  })

  test('an operator whom the owner dismissed may not', async () => {
    await call(owner, executor, executorAbi, 'setOperator', [bob, false])
    expect(await refusalOf(bob, calldata)).toEqual(['NotOperator', bob])
  })

  test('an item is executed by the executor alone', async () => {
    const data = dataOf('executeItem', [items[0], 0n])
    expect(await refusalOf(bob, data)).toEqual(['NotSelf', bob])
  })
})

describe('what is refused', () => {
  test('a block behind the deadline; the deadline itself is in time', async () => {
    const next = (await client.getBlockNumber()) + 1n
    expect((await execute(items, { deadlineBlock: next - 1n })).status).toBe('reverted')
    expect((await execute(items, { deadlineBlock: next + 1n })).status).toBe('success')
    const error = await refusalOf(bob, executeData(items, { deadlineBlock: 1n }))
    expect(error).toEqual(['Expired', expect.any(BigInt), 1n])
  })

  test('a profit of one wei less than asked for, before the bid; exactly so much is enough', async () => {
    const { timestamp, number } = await client.getBlock()
    const snapshot = await world.rpc.call('evm_snapshot')
    const terms = { bidBps: 10_000n }
    const [closed] = (await execute(items, terms)).liquidations
    const minProfit = closed!.profitWei
    await world.rpc.call('evm_revert', [snapshot])
    expect(await client.getBlock()).toMatchObject({ timestamp, number })
    const again = await world.rpc.call('evm_snapshot')
    expect((await execute(items, { ...terms, minProfit: minProfit + 1n })).status).toBe('reverted')
    await world.rpc.call('evm_revert', [again])
    expect((await execute(items, { ...terms, minProfit })).status).toBe('success')
  })

  test('no profit at all, although none is asked for', async () => {
    const healthy = [{ ...items[0]!, account: mallory }]
    const terms = { minProfit: 0n }
    expect(await refusalOf(bob, executeData(healthy, terms))).toEqual(['NoProfit', 0n, 0n])
    expect(await refusalOf(bob, executeData([], terms))).toEqual(['NoProfit', 0n, 0n])
  })

  test('a loss: the pool asks for more than what is seized', async () => {
    await world.answer('WETH', 2_200)
    await world.open(mallory, ['WETH', 80n * 10n ** 18n], ['USDC', 140_000n * usd])
    await world.answer('WETH', 1_900)
    const { status } = await execute([{ ...items[0]!, account: mallory }])
    expect(status).toBe('reverted')
    await world.answer('WETH', 1_450)
    const { failures, liquidations } = await execute([items[0]!])
    expect([failures.length, liquidations.length]).toEqual([0, 1])
  })

  test('a bid above the profit', async () => {
    const data = executeData(items, { bidBps: 10_001n })
    expect(await refusalOf(bob, data)).toEqual(['BidTooHigh', 10_001n])
  })

  test('ether from anyone but WETH', async () => {
    expect((await world.send(mallory, executor, '0x', 1n)).status).toBe('reverted')
    expect(await refusalOf(mallory, '0x')).toEqual(['NotWeth', mallory])
  })

  test.each([
    ['uniswapV2Call', '0x10d1e85c'],
    ['onMorphoFlashLoan', '0x31f57072'],
    ['executeOperation of Aave', '0x1b11d0ff'],
    ['receiveFlashLoan of Balancer', '0xf04f2707'],
    ['pancakeV3SwapCallback', '0x23a69e75'],
    ['unlockCallback of Uniswap V4', '0x91dd7346'],
  ])('a callback that it does not know: %s', async (_, selector) => {
    const data = `${selector}${'0'.repeat(320)}` as Hex
    expect(await refusalOf(mallory, data)).toEqual([])
  })

  test('a callback that nobody waits for', async () => {
    const data = dataOf('uniswapV3SwapCallback', [1n, -1n, '0x'])
    expect(await refusalOf(mallory, data)).toEqual(['NotArmed', mallory])
    const pool = world.deployed.pools[0]!.address
    expect(await refusalOf(pool, data)).toEqual(['NotArmed', pool])
  })
})

describe('a transaction that gets out', () => {
  const signer = createSigner({ keys: [keyAt(3)], chainId: 1, executor })
  const sign = async (deadlineBlock: bigint, nonce: number): Promise<Hex> => {
    const intent = anIntentOf(items, { deadlineBlock: Number(deadlineBlock), nonce })
    const [signed] = await signer.sign(aBundle({ intents: [intent] }))
    return signed!.rawTx
  }
  const land = async (rawTx: Hex): Promise<string> => {
    const hash = await world.rpc.call<Hex>('eth_sendRawTransaction', [rawTx])
    await world.mine()
    return (await client.getTransactionReceipt({ hash })).status
  }

  test('cannot be replayed, by its nonce; and with another the account is healthy', async () => {
    const deadline = (await client.getBlockNumber()) + 10n
    const nonce = await client.getTransactionCount({ address: bob })
    const rawTx = await sign(deadline, nonce)
    expect(await land(rawTx)).toBe('success')
    await expect(land(rawTx)).rejects.toThrow('nonce too low')
    expect(await land(await sign(deadline, nonce + 1))).toBe('reverted')
  })

  test('is dead a block later', async () => {
    const rawTx = await sign((await client.getBlockNumber()) + 1n, 0)
    await world.mine()
    expect(await land(rawTx)).toBe('reverted')
  })

  test('without the oracle update that it stood behind it costs gas and nothing else', async () => {
    await world.answer('WETH', 1_700)
    const rawTx = await sign((await client.getBlockNumber()) + 1n, 0)
    expect(await land(rawTx)).toBe('reverted')
    expect(await world.strandedOf()).toEqual({})
    expect(await balanceOf(tokenOf('WETH'), treasury)).toBe(0n)
  })
})

describe('the owner', () => {
  const newcomer: Address = '0x000000000000000000000000000000000000ba5e'

  test.each([
    ['transferOwnership', [newcomer]],
    ['setTreasury', [newcomer]],
    ['setOperator', [mallory, true]],
    ['rescue', [tokenOf('WETH'), 1n]],
  ])('alone may %s', async (name, args) => {
    expect(await refusalOf(bob, dataOf(name, args))).toEqual(['NotOwner', bob])
    expect(await refusalOf(treasury, dataOf(name, args))).toEqual(['NotOwner', treasury])
  })

  test.each([
    ['transferOwnership', [zeroAddress]],
    ['setTreasury', [zeroAddress]],
    ['setOperator', [zeroAddress, true]],
  ])('%s takes no zero address', async (name, args) => {
    expect(await refusalOf(owner, dataOf(name, args))).toEqual(['ZeroAddress'])
  })

  test('hands over to another and is none any more', async () => {
    await call(owner, executor, executorAbi, 'transferOwnership', [mallory])
    expect(await refusalOf(owner, dataOf('setTreasury', [newcomer]))).toEqual(['NotOwner', owner])
    expect(await refusalOf(mallory, dataOf('setTreasury', [newcomer]))).toBeUndefined()
  })

  test('sends the profit to another treasury', async () => {
    await call(owner, executor, executorAbi, 'setTreasury', [newcomer])
    const [closed] = (await execute(items)).liquidations
    const kept = closed!.profitWei - closed!.bidWei
    expect(await balanceOf(tokenOf('WETH'), newcomer)).toBe(kept)
  })

  test('rescues nothing from an address that is no token', async () => {
    expect(await refusalOf(owner, dataOf('rescue', [mallory, 1n]))).toEqual(['NoToken', mallory])
  })

  test('rescues tokens and ether that strayed, to the treasury', async () => {
    await world.fund(mallory, 'USDT', 5n * usd)
    await call(mallory, tokenOf('USDT'), erc20Abi, 'transfer', [executor, 5n * usd])
    await world.rpc.call('anvil_setBalance', [executor, '0x7'])
    expect(await world.strandedOf()).toEqual({ ETH: 7n, USDT: 5n * usd })
    const before = await client.getBalance({ address: treasury })
    await call(owner, executor, executorAbi, 'rescue', [tokenOf('USDT'), 5n * usd])
    await call(owner, executor, executorAbi, 'rescue', [zeroAddress, 7n])
    expect(await world.strandedOf()).toEqual({})
    expect(await balanceOf(tokenOf('USDT'), treasury)).toBe(5n * usd)
    expect((await client.getBalance({ address: treasury })) - before).toBe(7n)
  })
})
