import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadScenario } from '../../sandbox/load-scenario.ts'
import { aavePoolAbi, aWorld, type World } from '../support/a-world.ts'
import { aChainBook, type ChainBook } from '../support/chain-book.ts'

const scenario = loadScenario('crash')

let world: World
let chain: ChainBook

beforeAll(async () => {
  world = await aWorld(scenario)
  chain = await aChainBook({ anvil: world.anvil, deployed: world.deployed, scenario })
})

afterAll(() => world?.anvil.stop())

/** Compares every borrower at the head; returns how many were compared. */
const expectEqual = async (): Promise<number> => {
  const { book } = chain
  const [protocol] = book.protocols
  const view = book.view(book.head!.timestampSec)
  const address = world.deployed.addresses.pool
  const borrowers = world.deployed.borrowers.map((borrower) => borrower.address)
  const said = await Promise.all(
    borrowers.map((borrower) =>
      world.client.readContract({
        address,
        abi: aavePoolAbi,
        functionName: 'getUserAccountData',
        args: [borrower],
      }),
    ),
  )
  const audited = borrowers.map((borrower) => protocol?.audited(borrower, view))
  expect(
    audited.map((one) => one && [one.collateralBase, one.debtBase, one.healthFactorWad]),
  ).toEqual(said.map(([collateral, debt, , , , healthFactor]) => [collateral, debt, healthFactor]))
  return borrowers.length
}

describe('the book of the sandbox, by the readers that the bot uses', () => {
  test('says of every borrower what the pool says', async () => {
    expect(chain.book.protocols[0]?.supported).toBe(true)
    expect(await expectEqual()).toBe(scenario.positions.count)
  })

  test('and goes on to a month later', async () => {
    await world.anvil.rpc.call('evm_mine', [chain.book.head!.timestampSec + 30 * 86_400])
    await chain.catchUp()
    await expectEqual()
  })
})
