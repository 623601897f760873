import { numberToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hex } from '../../core/types/chain.ts'
import { createSender } from '../../sandbox/actors/sender.ts'
import { accountAt, accounts } from '../../sandbox/chain/accounts.ts'
import { type Anvil, startAnvil } from '../../sandbox/chain/anvil.ts'

let anvil: Anvil

beforeAll(async () => {
  anvil = await startAnvil({
    chainId: 1,
    startSec: 1_692_308_160,
    firstBlock: 17_936_000,
    gasLimit: 30_000_000,
    log: () => undefined,
  })
})

afterAll(() => anvil?.stop())

describe('createSender', () => {
  const mine = (): Promise<unknown> => anvil.rpc.call('evm_mine')
  const noop = { to: accounts.treasury.address, data: '0x', gas: 21_000n } as const

  const mallory = async (index: number) => {
    const account = accountAt(index)
    await anvil.rpc.call('anvil_setBalance', [account.address, numberToHex(10n ** 20n)])
    const lines: string[] = []
    const open = createSender({
      account,
      rpc: anvil.rpc,
      chainId: 1,
      tipWei: 10n ** 9n,
      maxFeeWei: 10n ** 11n,
      log: (text) => lines.push(text),
    })
    return { account, open, lines }
  }

  test('default: a transaction waits until it is mined', async () => {
    const { open } = await mallory(3_001)
    const hash = await open.send(noop)
    expect(await open.settle()).toEqual({ waiting: new Set([hash]), lost: new Set() })
    await mine()
    expect(await open.settle()).toEqual({ waiting: new Set(), lost: new Set() })
  })

  test('behavior: what was dropped is sent again, and what stood behind it lands with it', async () => {
    const { open } = await mallory(3_002)
    const first = await open.send(noop)
    const second = await open.send(noop)
    await anvil.rpc.call('anvil_dropTransaction', [first])
    for (let block = 0; block < 3; block++) {
      await mine()
      expect((await open.settle()).waiting).toEqual(new Set([first, second]))
    }
    await mine()
    expect(await open.settle()).toEqual({ waiting: new Set(), lost: new Set() })
  })

  test('behavior: gives up what can never be mined, says so, and goes on with the nonce', async () => {
    const { account, open, lines } = await mallory(3_003)
    const hash = await open.send(noop)
    await anvil.rpc.call('anvil_dropTransaction', [hash])
    await anvil.rpc.call('anvil_setBalance', [account.address, '0x0'])
    const lost: Hex[] = []
    for (let block = 0; block < 4; block++) {
      await mine()
      lost.push(...(await open.settle()).lost)
    }
    expect(lost).toEqual([hash])
    expect(lines).toHaveLength(1)
    await anvil.rpc.call('anvil_setBalance', [account.address, numberToHex(10n ** 20n)])
    await open.send(noop)
    await mine()
    expect((await open.settle()).waiting.size).toBe(0)
    expect(
      Number(await anvil.rpc.call('eth_getTransactionCount', [account.address, 'latest'])),
    ).toBe(1)
  })
})
