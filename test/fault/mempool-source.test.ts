import { keccak256 } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createWatchedFeeds, type WatchedFeeds } from '../../monitors/sources/watched-feeds.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { aChainFollower, type ChainFollower } from '../support/a-chain-follower.ts'
import { aChainHand, type ChainHand } from '../support/a-chain-hand.ts'
import { aFaultyNode, type FaultyNode } from '../support/a-faulty-node.ts'
import { aMempoolListener } from '../support/a-mempool-listener.ts'
import { aScenario } from '../support/a-scenario.ts'
import { aForward } from '../support/a-transmit.ts'
import { eventually } from '../support/a-websocket-server.ts'
import { aWorld, type World } from '../support/a-world.ts'

const base = aScenario()
const scenario = aScenario({ positions: { ...base.positions, count: 6 } })
const mallory = accounts.arbitrageur

let world: World
let hand: ChainHand
let node: FaultyNode
let chain: ChainFollower
const stops: (() => Promise<void>)[] = []

const listen = async (watched: WatchedFeeds = chain.watched, status?: 'down') => {
  const it = await aMempoolListener(node, watched, status)
  stops.push(it.stop)
  return it
}

/** Whatever the node says of a transaction, its type is none that we could rebuild. */
const ofUnknownType = ({ faults }: FaultyNode): void => {
  const changed = (text: string): string => text.replaceAll('"type":"0x2"', '"type":"0x63"')
  faults.frames = (frame) => [changed(frame)]
  faults.text = changed
}

const quiet = (forMs = 300): Promise<void> => new Promise((wake) => setTimeout(wake, forMs))

beforeAll(async () => {
  world = await aWorld(scenario)
  hand = aChainHand(world)
  chain = aChainFollower(world.anvil, world.deployed)
  await chain.standsOn(await hand.headHash())
})

beforeEach(async () => {
  node = await aFaultyNode(world.anvil)
})

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
  await node.stop()
  await hand.mine(1)
  await chain.standsOn(await hand.headHash())
})

afterAll(async () => {
  await chain?.stop()
  await world?.anvil.stop()
})

/** Answers for geth, whose method anvil lacks. */
const withContentFrom: FaultyNode['faults']['edit'] = async ({ id, method, params }, answer) => {
  if (method !== 'txpool_contentFrom') return answer
  const { pending } = await world.anvil.rpc.call<{ pending: Record<string, unknown> }>(
    'txpool_content',
  )
  const sender = String(params[0]).toLowerCase()
  const own = Object.entries(pending).find(([address]) => address.toLowerCase() === sender)
  return { jsonrpc: '2.0', id, result: { pending: own?.[1] ?? {}, queued: {} } }
}

const aggregatorOf = (asset: string) =>
  Object.values(world.deployed.assets).find((one) => one.asset === asset)!.aggregator

describe('pending updates', () => {
  test.each(['eip1559', 'eip2930', 'legacy'] as const)(
    'a transmit of type %s is told with the very bytes that were sent',
    async (type) => {
      const it = await listen()
      const rawTx = await hand.answer('ETH', 1_690, type)
      await it.hears(1)
      expect(it.updates()).toEqual([
        {
          aggregator: aggregatorOf('ETH').toLowerCase(),
          txHash: keccak256(rawTx),
          rawTx,
          from: accounts.transmitter.address.toLowerCase(),
          answerRaw: 1690_00000000n,
          epochAndRound: expect.any(Number),
          gasLimit: 2_000_000n,
          maxFeePerGasWei: 500_000_000_000n,
          seenMs: expect.any(Number),
        },
      ])
      expect(node.asked).not.toContain('eth_getRawTransactionByHash')
    },
  )

  test('bytes that cannot be rebuilt are fetched', async () => {
    const it = await listen()
    ofUnknownType(node)
    const rawTx = await hand.answer('ETH', 1_691)
    await it.hears(1)
    expect(it.updates()[0]!.rawTx).toBe(rawTx)
    expect(node.asked).toContain('eth_getRawTransactionByHash')
  })

  test('what mallory sends is none: copied, forwarded, elsewhere or nonsense', async () => {
    const it = await listen()
    const aggregator = aggregatorOf('ETH')
    const report = await hand.report('ETH', 900)
    await hand.send(mallory, aggregator, report)
    await hand.send(mallory, aggregator, `${report}00`)
    await hand.send(mallory, accounts.transmitter.address, aForward(aggregator, report))
    await hand.send(accounts.transmitter, mallory.address, report)
    await hand.send(accounts.transmitter, aggregator, '0xb1dc65a4')
    await quiet()
    expect(it.updates()).toEqual([])
    await hand.answer('ETH', 1_692)
    await it.hears(1)
    expect(it.updates().map(({ answerRaw }) => answerRaw)).toEqual([1692_00000000n])
  })

  test('a report older than the last is none', async () => {
    const it = await listen()
    const old = await hand.report('ETH', 1_680)
    await hand.answer('ETH', 1_693)
    await it.hears(1)
    await hand.mine(1)
    await chain.standsOn(await hand.headHash())
    await hand.send(accounts.transmitter, aggregatorOf('ETH'), old)
    await quiet()
    expect(it.updates()).toHaveLength(1)
  })
})

describe('a reading of the feeds voids what the book held', () => {
  const read = (watched: WatchedFeeds): void =>
    watched.set([...chain.watched.feeds.values()], new Map(chain.watched.forwarders))

  test('what is still on its way is told again, with the time at which it was first seen', async () => {
    const watched = createWatchedFeeds()
    read(watched)
    const it = await listen(watched)
    await hand.answer('ETH', 1_688)
    await it.hears(1)
    read(watched)
    await it.hears(2)
    expect(it.updates()[1]).toEqual(it.updates()[0])
    await hand.mine(1)
    await chain.standsOn(await hand.headHash())
    read(watched)
    await quiet()
    expect(it.updates()).toHaveLength(2)
  })

  test('what came before the first reading is told then', async () => {
    const watched = createWatchedFeeds()
    const it = await listen(watched)
    await hand.answer('ETH', 1_687)
    await quiet()
    expect(it.updates()).toEqual([])
    read(watched)
    await it.hears(1)
  })

  test('what could not be fetched is told at the next reading', async () => {
    const watched = createWatchedFeeds()
    read(watched)
    const it = await listen(watched)
    ofUnknownType(node)
    node.faults.edit = ({ method }, answer) =>
      method === 'eth_getRawTransactionByHash'
        ? { id: answer.id, error: { code: -32000, message: 'no' } }
        : answer
    await hand.answer('ETH', 1_686)
    await eventually(() => node.asked.includes('eth_getRawTransactionByHash'), 'the question')
    await quiet()
    expect(it.updates()).toEqual([])
    node.heal()
    read(watched)
    await it.hears(1)
  })
})

describe('F08 the line', () => {
  test('told twice by the node, told once by us', async () => {
    const it = await listen()
    node.faults.frames = (frame) => [frame, frame]
    await hand.answer('BTC', 28_000)
    await it.hears(1)
    await quiet()
    expect(it.updates()).toHaveLength(1)
  })

  test('cut: told down and up, and heard again', async () => {
    const it = await listen()
    node.cut()
    await eventually(() => it.statuses().length >= 3, 'down and up')
    expect(it.statuses().map(({ status }) => status)).toEqual(['up', 'down', 'up'])
    await hand.answer('ETH', 1_694)
    await it.hears(1)
  })

  test.each([
    { as: 'of each sender', method: 'txpool_contentFrom' },
    { as: 'of the whole pool', method: 'txpool_content' },
  ])('cut: what is announced meanwhile is asked for afterwards, $as', async ({ method }) => {
    if (method === 'txpool_contentFrom') node.faults.edit = withContentFrom
    const it = await listen()
    node.faults.refuse = true
    node.cut()
    await eventually(() => it.statuses().at(-1)?.status === 'down', 'the cut')
    const rawTx = await hand.answer('ETH', 1_693)
    await quiet()
    expect(it.updates()).toEqual([])
    node.faults.refuse = false
    await it.hears(1)
    expect(it.updates().map(({ txHash }) => txHash)).toEqual([keccak256(rawTx)])
    expect(node.asked.at(-1)).toBe(method)
  })

  test('frames that are cut, no JSON or of other shapes are survived', async () => {
    const it = await listen()
    const bad = [
      '{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":null}}',
      '{"method":"eth_subscription"',
      '[]',
      'null',
      '',
    ]
    node.faults.frames = (frame) => [...bad, frame.slice(0, frame.length / 2), frame]
    await hand.answer('LINK', 6.5)
    await it.hears(1)
    expect(it.updates()).toHaveLength(1)
  })

  test('a field that is not what it should be passes over that transaction only', async () => {
    const it = await listen()
    node.faults.frames = (frame) => [
      frame.replace(/"hash":"0x[0-9a-f]{4}/, '"hash":"0x'),
      frame
        .replace(/"gas":"0x[0-9a-f]+"/, '"gas":"much"')
        .replace(/"hash":"0x\w\w/, '"hash":"0xff'),
      frame,
    ]
    await hand.answer('LINK', 6.4)
    await it.hears(1)
    expect(it.updates()).toHaveLength(1)
  })

  test('a node that sends hashes only is told as down, with what to do', async () => {
    const it = await listen()
    node.faults.frames = (frame) =>
      frame.includes('eth_subscription')
        ? [frame.replace(/"result":\{.*\}\}\}$/, `"result":"0x${'1'.repeat(64)}"}}`)]
        : [frame]
    await hand.answer('ETH', 1_695)
    await eventually(() => it.statuses().at(-1)?.status === 'down', 'the complaint')
    expect(it.statuses().at(-1)?.reason).toMatch(/whole/)
  })

  test('a node of another chain is not listened to', async () => {
    node.faults.frames = (frame) => [
      frame.replace('"id":1,"result":"0x1"', '"id":1,"result":"0x5"'),
    ]
    const it = await listen(chain.watched, 'down')
    await hand.answer('ETH', 1_696)
    await quiet()
    expect(it.events).toEqual([
      {
        type: 'source',
        source: 'mempool',
        status: 'down',
        reason: expect.stringContaining('chain 0x5'),
      },
    ])
  })
})
