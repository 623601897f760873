import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Address, Hex } from '../../core/types/chain.ts'
import { createBulkBalances } from '../../monitors/sources/bulk-balances.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { aFaultyNode, type FaultyNode } from '../support/a-faulty-node.ts'
import { aScenario } from '../support/a-scenario.ts'
import { aWorld, scaledAbi, type World } from '../support/a-world.ts'

const base = aScenario()
let world: World
let node: FaultyNode
let blockHash: Hex
let accounts: readonly Address[]
const stranger: Address = '0x00000000000000000000000000000000000a11ce'

beforeAll(async () => {
  world = await aWorld(aScenario({ positions: { ...base.positions, count: 40 } }))
  blockHash = (await world.client.getBlock()).hash
  accounts = [stranger, ...world.deployed.borrowers.map(({ address }) => address)]
})
beforeEach(async () => {
  node = await aFaultyNode(world.anvil)
})
afterEach(() => node.stop())
afterAll(() => world?.anvil.stop())

const expected = (token: Address): Promise<readonly bigint[]> =>
  Promise.all(
    accounts.map((account) =>
      world.client.readContract({
        address: token,
        abi: scaledAbi,
        functionName: 'scaledBalanceOf',
        args: [account],
      }),
    ),
  )

test('balances are what the tokens say, straight out of their storage', async () => {
  const bulk = createBulkBalances(createRpc({ urls: [node.httpUrl], chainId: 1 }))
  let held = 0
  for (const { aToken, variableDebtToken } of Object.values(world.deployed.assets))
    for (const token of [aToken, variableDebtToken]) {
      const balances = await bulk.read(blockHash, token, accounts)
      expect(balances).toEqual(await expected(token))
      held += balances.filter((balance) => balance > 0n).length
    }
  expect(held).toBeGreaterThan(60)
  // The slot is known now: all accounts are one question.
  node.asked.length = 0
  await bulk.read(blockHash, world.deployed.assets.WETH!.aToken, accounts)
  expect(node.asked).toEqual(['eth_call'])
})

test('a node that takes no code in place of another is asked through Multicall3', async () => {
  node.faults.edit = ({ id, method, params }, answer) =>
    method === 'eth_call' && params.length > 2
      ? { jsonrpc: '2.0', id, error: { code: -32602, message: 'too many arguments' } }
      : answer
  const bulk = createBulkBalances(createRpc({ urls: [node.httpUrl], chainId: 1 }))
  const { aToken } = world.deployed.assets.WETH!
  expect(await bulk.read(blockHash, aToken, accounts)).toEqual(await expected(aToken))
})

test('what is no token of Aave’s is refused', async () => {
  const bulk = createBulkBalances(createRpc({ urls: [node.httpUrl], chainId: 1 }))
  await expect(bulk.read(blockHash, stranger, accounts)).rejects.toThrow(/scaledBalanceOf/)
})
