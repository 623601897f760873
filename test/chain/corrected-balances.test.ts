import { type Hex, toEventSelector } from 'viem'
import { expect, test } from 'vitest'
import type { Event } from '../../core/types/event.ts'
import { createAuditor } from '../../monitors/sources/auditor.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import type { ChainFollower } from '../support/a-chain-follower.ts'
import { aFollowedWorld } from '../support/a-followed-world.ts'

const { world, hand, node, synced, expectAsAnew } = aFollowedWorld()

const mintTopic = toEventSelector(
  'event Mint(address indexed caller, address indexed onBehalfOf, uint256 value, uint256 balanceIncrease, uint256 index)',
)
/** The last digit of the first word, one less unless it is zero. */
const decremented = (data: Hex): string => {
  const digit = Number.parseInt(data[65]!, 16)
  return Math.max(0, digit - 1).toString(16)
}

/** How many of the book's totals are not the chain's. */
const wrongTotals = async (it: ChainFollower): Promise<number | undefined> => {
  const told: Event[] = []
  const auditor = createAuditor({
    rpc: createRpc({ urls: [world().anvil.httpUrl], chainId: 1 }),
    pool: it.source.pool,
    hashOf: it.source.hashOf,
    emit: (event) => told.push(event),
    onMismatch: () => undefined,
    log: () => undefined,
  })
  await auditor.auditTotals(it.book.head!.number, it.book.protocols[0]!.totals())
  return told[0]?.type === 'audit' ? told[0].mismatches.length : undefined
}

test('balances are taken from the chain where its events do not tell them', async () => {
  const weth = world().deployed.assets.WETH!.aToken.toLowerCase()
  // Every mint of aWETH is told too small, as one that was rounded otherwise would be.
  node().faults.edit = ({ method }, answer) => {
    if (method !== 'eth_getLogs' || !Array.isArray(answer.result)) return answer
    const result = answer.result.map((log: { address: string; topics: string[]; data: Hex }) =>
      log.address.toLowerCase() === weth && log.topics[0] === mintTopic
        ? { ...log, data: `${log.data.slice(0, 65)}${decremented(log.data)}${log.data.slice(66)}` }
        : log,
    )
    return { ...answer, result }
  }
  const wrong = await synced()
  expect(await wrongTotals(wrong)).toBe(1)
  const right = await synced({ correctedFrom: 1 })
  expect(await wrongTotals(right)).toBe(0)
  expect(right.said.some((text) => /balances are taken from the chain/.test(text))).toBe(true)
  node().heal()
  await hand().trade()
  await right.reaches(await hand().mine(2))
  await expectAsAnew(right)
})
