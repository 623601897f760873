import { expect } from 'vitest'
import { hostileTokenAbi, hostileTokenBytecode } from '../../contracts/generated/hostile-token.ts'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { alice, anExecutorWorld, type ExecutorItem, errorOf } from './an-executor-world.ts'

const usd = 10n ** 6n
const carol: Address = '0x000000000000000000000000000000000000ca01'

/**
 * Alice owes USDC against ether and carol against LINK, both too much; LINK's code is replaced by that of a token that
 * can turn bad, in the genuine market and the genuine pools.
 */
export const aHostileMarket = async () => {
  const world = await anExecutorWorld(async ({ open, answer, rpc, create, client, tokenOf }) => {
    await rpc.call('anvil_setBalance', [carol, '0xd3c21bcecceda1000000'])
    await open(alice, ['WETH', 80n * 10n ** 18n], ['USDC', 100_000n * usd])
    await open(carol, ['LINK', 20_000n * 10n ** 18n], ['USDC', 60_000n * usd])
    await answer('WETH', 1_450)
    await answer('LINK', 3.8)
    const hostile = await create(accounts.deployer.address, {
      abi: hostileTokenAbi,
      bytecode: hostileTokenBytecode,
      args: ['ChainLink Token', 'LINK', 18],
    })
    const code = await client.getCode({ address: hostile })
    await rpc.call('anvil_setCode', [tokenOf('LINK'), code])
  })
  const { tokenOf, item, execute, balanceOf, strandedOf } = world
  const treasury = accounts.treasury.address
  const aliceItem = item(['WETH', 'USDC'], 40_000n * usd)
  const carolItem = item(['LINK', 'USDC'], 20_000n * usd, { account: carol })

  /** Executes a hostile item before a good one, which must be closed; returns why the hostile one was undone. */
  const undone = async (hostile: ExecutorItem): Promise<readonly unknown[]> => {
    const before = await balanceOf(tokenOf('WETH'), treasury)
    const { status, failures, liquidations } = await execute([hostile, aliceItem])
    expect([status, failures.length, liquidations.length]).toEqual(['success', 1, 1])
    const { profitWei, bidWei } = liquidations[0]!
    expect((await balanceOf(tokenOf('WETH'), treasury)) - before).toBe(profitWei - bidWei)
    expect(await strandedOf()).toEqual({})
    return errorOf(failures[0]!.error)
  }

  return { world, link: tokenOf('LINK'), aliceItem, carolItem, undone }
}
