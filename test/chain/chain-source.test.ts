import {
  decodeFunctionData,
  decodeFunctionResult,
  encodeFunctionData,
  encodeFunctionResult,
  type Hex,
  parseAbi,
} from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../core/types/event.ts'
import { raw } from '../../core/units.ts'
import { createAuditor } from '../../monitors/sources/auditor.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { aChainFollower, type ChainFollower, dumpOf } from '../support/a-chain-follower.ts'
import { aChainHand, type ChainHand } from '../support/a-chain-hand.ts'
import { aFaultyNode } from '../support/a-faulty-node.ts'
import { aScenario } from '../support/a-scenario.ts'
import { eventually } from '../support/a-websocket-server.ts'
import { aWorld, v3PoolAbi, type World } from '../support/a-world.ts'

const base = aScenario()
const scenario = aScenario({ positions: { ...base.positions, count: 40 } })
const configuratorAbi = parseAbi(['function setReservePause(address asset, bool paused)'])
const multicallAbi = parseAbi([
  'function tryAggregate(bool requireSuccess, (address target, bytes callData)[] calls) returns ((bool success, bytes returnData)[])',
])
const ownedProxyAbi = parseAbi([
  'function owner() view returns (address)',
  'function proposeAggregator(address aggregator)',
  'function confirmAggregator(address aggregator)',
])

let world: World
let hand: ChainHand
const started: ChainFollower[] = []

const synced = async (over: Parameters<typeof aChainFollower>[2] = {}): Promise<ChainFollower> => {
  const follower = aChainFollower(world.anvil, world.deployed, over)
  started.push(follower)
  await follower.standsOn(await hand.headHash())
  return follower
}

const anAuditor = (it: ChainFollower, told: Event[], url = world.anvil.httpUrl) =>
  createAuditor({
    rpc: createRpc({ urls: [url], chainId: 1 }),
    pool: it.source.pool,
    hashOf: it.source.hashOf,
    emit: (event) => told.push(event),
    onMismatch: it.source.resync,
    log: () => undefined,
  })

/** What the chain says of the book's totals, with so much taken from the first. */
const totalsAuditOf = async (it: ChainFollower, missing = 0n): Promise<Event | undefined> => {
  const told: Event[] = []
  const totals = it.book.protocols[0]!.totals().map((total, i) =>
    i === 0 ? { ...total, scaledRaw: raw(total.scaledRaw - missing) } : total,
  )
  await anAuditor(it, told).auditTotals(it.book.head!.number, totals)
  return told[0]
}

const auditOf = async (
  it: ChainFollower,
  tamper = 0n,
  url = world.anvil.httpUrl,
): Promise<Event | undefined> => {
  const told: Event[] = []
  const auditor = anAuditor(it, told, url)
  const { head, protocols } = it.book
  const view = it.book.view(head!.timestampSec)
  const audited = [...protocols[0]!.accounts()].flatMap((account, i) => {
    const data = protocols[0]!.audited(account, view)
    if (!data) return []
    return [i === 0 ? { ...data, debtBase: data.debtBase + tamper } : data]
  })
  await auditor.audit(head!.number, audited)
  return told[0]
}

beforeAll(async () => {
  world = await aWorld(scenario)
  hand = aChainHand(world)
})

afterEach(async () => {
  await Promise.all(started.splice(0).map((follower) => follower.stop()))
})

afterAll(() => world?.anvil.stop())

describe('the book that the source tells', () => {
  test('holds every account as the chain does, block after block', async () => {
    const it = await synced()
    for (let i = 0; i < 3; i += 1) {
      await hand.trade()
      await hand.answer('ETH', 1_700 - 20 * i)
      await it.reaches(await hand.mine(2))
      const audit = await auditOf(it)
      expect(audit).toMatchObject({ type: 'audit', mismatches: [] })
      expect(audit?.type === 'audit' && audit.compared.length).toBeGreaterThan(40)
    }
  })

  test('misses no account: what all hold together is each token’s supply, block after block', async () => {
    const it = await synced()
    for (let i = 0; i < 3; i += 1) {
      await hand.trade()
      await it.reaches(await hand.mine(2))
      const audit = await totalsAuditOf(it)
      expect(audit).toMatchObject({ type: 'audit', mismatches: [] })
      const tokens = Object.keys(world.deployed.assets).length * 2
      expect(audit?.type === 'audit' && audit.compared.length).toBe(tokens)
    }
    const audit = await totalsAuditOf(it, 1n)
    expect(audit?.type === 'audit' && audit.mismatches).toHaveLength(1)
    expect(audit?.type === 'audit' && audit.mismatches[0]!.text).toMatch(/one is missing$/)
  })

  test('holds every pool at its price', async () => {
    const it = await synced()
    await hand.trade()
    await it.reaches(await hand.mine(1))
    const { changes } = it.events.findLast((event) => event.type === 'block')!
    const swapped = changes.find((change) => change.type === 'pool/price')!
    const [sqrtPriceX96] = await world.client.readContract({
      address: swapped.pool,
      abi: v3PoolAbi,
      functionName: 'slot0',
    })
    expect(swapped.sqrtPriceX96).toBe(sqrtPriceX96)
    expect(it.book.poolKeys.size).toBe(world.deployed.pools.length)
  })

  test('tells the operators at every block, as the chain has them', async () => {
    const it = await synced()
    const [operator] = accounts.operators
    await hand.send(operator!, operator!.address, '0x')
    await it.reaches(await hand.mine(1))
    const nonce = await world.client.getTransactionCount({ address: operator!.address })
    expect(it.book.operators[0]).toMatchObject({ address: operator!.address, nonce })
    expect(it.book.operators.every(({ balanceWei }) => balanceWei > 0n)).toBe(true)
  })

  test('an audit of what is not so names the account and both sides', async () => {
    const it = await synced()
    const audit = await auditOf(it, 1n)
    expect(audit?.type === 'audit' && audit.mismatches).toHaveLength(1)
    expect(audit?.type === 'audit' && audit.mismatches[0]?.text).toMatch(/0x[0-9a-f]{40} at block/)
  })

  test('a mismatch has everything read anew, once in a while', async () => {
    const it = await synced()
    await auditOf(it, 1n)
    await auditOf(it, 1n)
    await hand.mine(2)
    await eventually(() => it.count('reorg') === 1 && it.book.head !== undefined, 'the reading')
    await auditOf(it, 1n)
    await it.reaches(await hand.mine(2))
    expect([it.count('reorg'), it.count('synced')]).toEqual([1, 2])
  })

  test('a node that cannot answer for many at once is asked for fewer, and what it cannot answer is no mismatch', async () => {
    const it = await synced()
    const node = await aFaultyNode(world.anvil)
    const silent = [...it.book.protocols[0]!.accounts()][3]!.slice(2)
    // A gas cap: the inner calls behind the tenth run dry, and one account's never gets enough.
    node.faults.edit = ({ method, params }, answer) => {
      const data = method === 'eth_call' ? (params[0] as { readonly data: Hex }).data : '0x'
      return data.length > 2 ? { ...answer, result: starved(answer.result as Hex, data) } : answer
    }
    const starved = (result: Hex, data: Hex): Hex => {
      const { args } = decodeFunctionData({ abi: multicallAbi, data })
      const answers = decodeFunctionResult({
        abi: multicallAbi,
        functionName: 'tryAggregate',
        data: result,
      })
      return encodeFunctionResult({
        abi: multicallAbi,
        functionName: 'tryAggregate',
        result: answers.map(({ success, returnData }, i) => {
          const dry = i >= 10 || args[1][i]!.callData.includes(silent)
          return { success: success && !dry, returnData: dry ? '0x' : returnData }
        }),
      })
    }
    const audit = await auditOf(it, 0n, node.httpUrl)
    await node.stop()
    const all = [...it.book.protocols[0]!.accounts()].length
    expect(audit).toMatchObject({ type: 'audit', mismatches: [] })
    expect(audit?.type === 'audit' && audit.compared.length).toBe(all - 1)
    expect(audit?.type === 'audit' && audit.compared.join()).not.toContain(silent)
  })

  test('an audit of a block that was replaced is of no account', async () => {
    await hand.mine(3)
    const it = await synced()
    const audit = auditOf({
      ...it,
      source: { ...it.source, hashOf: () => `0x${'d'.repeat(64)}` as Hex },
    })
    expect(await audit).toBeUndefined()
  })
})

describe('a configuration that changes', () => {
  const pause = (paused: boolean): Promise<Hex> =>
    hand.send(
      accounts.deployer,
      world.deployed.addresses.poolConfigurator,
      encodeFunctionData({
        abi: configuratorAbi,
        functionName: 'setReservePause',
        args: [world.deployed.assets.LINK!.token, paused],
      }),
    )

  test('is read at its block and told before it', async () => {
    const it = await synced()
    await pause(true)
    const head = await hand.mine(1)
    await it.reaches(head)
    const last = it.events.slice(-3)
    expect(last.map(({ type }) => type)).toEqual(['market', 'feeds', 'block'])
    const [market] = last
    expect(market).toMatchObject({ type: 'market', block: head })
    const link =
      market?.type === 'market' &&
      market.market.reserves.find(({ token }) => token.symbol === 'LINK')
    expect(link).toMatchObject({ paused: true })
    expect(it.book.protocols[0]!.supported).toBe(true)
    await pause(false)
    await it.reaches(await hand.mine(1))
    expect(await auditOf(it)).toMatchObject({ mismatches: [] })
  })

  test('a proxy that turns to another aggregator is noticed, and followed there', async () => {
    const it = await synced({ recheckBlocks: 2 })
    const { proxy } = world.deployed.assets.LINK!
    const { aggregator } = world.deployed.assets.DAI!
    const owner = await world.client.readContract({
      address: proxy,
      abi: ownedProxyAbi,
      functionName: 'owner',
    })
    const { rpc } = world.anvil
    await rpc.call('anvil_impersonateAccount', [owner])
    for (const functionName of ['proposeAggregator', 'confirmAggregator'] as const) {
      const data = encodeFunctionData({ abi: ownedProxyAbi, functionName, args: [aggregator] })
      await rpc.call('eth_sendTransaction', [{ from: owner, to: proxy, data, gas: '0x7a120' }])
      await hand.mine(1)
    }
    await it.reaches(await hand.mine(1))
    await eventually(() => it.count('feeds') === 2, 'the feeds to be told anew')
    const link = it.events
      .findLast((event) => event.type === 'feeds')!
      .feeds.find(({ asset }) => asset === 'LINK')
    expect(link?.aggregator).toBe(aggregator.toLowerCase())
    const market = it.events.findLast((event) => event.type === 'market')!.market
    const reserve = market.reserves.find(({ token }) => token.symbol === 'LINK')!
    expect(reserve.aggregator.toLowerCase()).toBe(aggregator.toLowerCase())
    expect(await auditOf(it)).toMatchObject({ mismatches: [] })
  })
})

describe('a source that starts later', () => {
  test('ends in the same state as one that followed all along', async () => {
    const it = await synced()
    for (let i = 0; i < 4; i += 1) {
      await hand.trade()
      await hand.mine(1)
    }
    await it.standsOn(await hand.headHash())
    const fresh = await synced({ chunkBlocks: 7 })
    expect(dumpOf(fresh.book)).toBe(dumpOf(it.book))
  })
})
