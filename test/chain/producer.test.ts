import { keccak256, numberToHex, toHex } from 'viem'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ms } from '../../core/units.ts'
import { createBlockProducer } from '../../sandbox/builders/block-producer.ts'
import { winnerOf } from '../../sandbox/builders/lottery.ts'
import { accountAt } from '../../sandbox/chain/accounts.ts'
import { createScenarioClock } from '../../sandbox/clock.ts'
import { nextBaseFeeWei } from '../../sandbox/node/base-fee.ts'
import { aBlockWorld, gwei, payingContract, revertingContract } from '../support/a-block-world.ts'
import { aSearcher, ask } from '../support/a-searcher.ts'

let world: Awaited<ReturnType<typeof aBlockWorld>>
const bob = aSearcher()
const ether = 10n ** 18n
const poor = 700
const hashOf = (raw: string) => keccak256(raw as `0x${string}`)

beforeEach(async () => {
  world = await aBlockWorld()
})
afterEach(() => world.stop())

const first = (): number => world.scenario.chain.firstBlock
const sendPublic = (raw: string) => ask(world.node.httpUrl, 'eth_sendRawTransaction', [raw])
const sendBundle = async (txs: readonly string[], block = first(), more: object = {}) => {
  const { url } = world.relays[0]!
  const bundle = { txs, blockNumber: toHex(block), ...more }
  expect((await bob.send(url, 'eth_sendBundle', bundle)).error).toBeUndefined()
}
const fund = (index: number, balanceWei: bigint) =>
  world.anvil.rpc.call('anvil_setBalance', [accountAt(index).address, numberToHex(balanceWei)])
const landed = async (block = first()) => (await world.blockAt(block)).transactions

describe('a block', () => {
  test('holds public transactions by tip, each sender in order of nonces', async () => {
    const [low, high] = [await world.sign(1, { tip: 1n }), await world.sign(2, { tip: 9n * gwei })]
    const zero = await world.sign(3, { tip: 2n, nonce: 0 })
    const one = await world.sign(3, { tip: 50n * gwei, nonce: 1 })
    const gap = await world.sign(4, { tip: 90n * gwei, nonce: 1 })
    for (const raw of [low, gap, one, zero, high]) await sendPublic(raw)
    const built = await world.producer.produceBlock()
    expect(await landed()).toEqual([high, zero, one, low].map(hashOf))
    expect(built.publicTxs).toHaveLength(4)
    expect(world.node.mempool.list().map(({ raw }) => raw)).toEqual([gap])
    expect(world.producer.mismatches).toEqual([])
  })

  test('holds what reverts in public, with its status', async () => {
    await sendPublic(await world.sign(1, { to: revertingContract }))
    await world.producer.produceBlock()
    const [receipt] = await world.anvil.rpc.call<{ status: string }[]>('eth_getBlockReceipts', [
      'latest',
    ])
    expect(receipt!.status).toBe('0x0')
    expect(world.producer.mismatches).toEqual([])
  })

  test('never reaches beyond the gas limit', async () => {
    const sign = (index: number) =>
      accountAt(index).signTransaction({
        type: 'eip1559',
        chainId: 1,
        nonce: 0,
        gas: 16_000_000n,
        to: payingContract,
        maxFeePerGas: 100n * gwei,
        maxPriorityFeePerGas: BigInt(index),
      })
    const [one, two] = [await sign(1), await sign(2)]
    for (const raw of [one, two]) await sendPublic(raw)
    await world.producer.produceBlock()
    expect(await landed()).toEqual([hashOf(two)])
    await world.producer.produceBlock()
    expect(await landed(first() + 1)).toEqual([hashOf(one)])
  })
})

describe('what cannot be executed stops nobody else', () => {
  test('a bundle that spends its money twice', async () => {
    await fund(poor, ether)
    const twice = [
      await world.sign(poor, { nonce: 0, value: (ether * 6n) / 10n }),
      await world.sign(poor, { nonce: 1, value: (ether * 6n) / 10n }),
    ]
    const good = await world.sign(1, { to: payingContract, value: ether })
    await sendBundle(twice)
    await sendBundle([good])
    const { bundles } = await world.producer.produceBlock()
    expect(await landed()).toEqual([hashOf(good)])
    expect(bundles.find(({ included }) => !included)?.reason).toContain('cannot be executed')
    expect(world.producer.mismatches).toEqual([])
  })

  test('a public transaction whose sender is emptied by a bundle before it', async () => {
    await fund(poor, ether)
    const later = await world.sign(poor, { nonce: 1, value: (ether * 6n) / 10n })
    const other = await world.sign(2, {})
    for (const raw of [later, other]) await sendPublic(raw)
    const emptying = await world.sign(poor, { nonce: 0, value: (ether * 6n) / 10n })
    await sendBundle([emptying])
    await world.producer.produceBlock()
    expect(await landed()).toEqual([emptying, other].map(hashOf))
    expect(world.node.mempool.list().map(({ raw }) => raw)).toEqual([later])
    expect(world.producer.mismatches).toEqual([])

    await fund(poor, ether)
    await world.producer.produceBlock()
    expect(await landed(first() + 1)).toEqual([hashOf(later)])
  })

  test('what someone else left in the pool of the chain', async () => {
    await world.anvil.rpc.call('eth_sendRawTransaction', [await world.sign(5, {})])
    const good = await world.sign(1, {})
    await sendBundle([good])
    await world.producer.produceBlock()
    expect(await landed()).toEqual([hashOf(good)])
    expect(world.producer.mismatches).toEqual([])
  })
})

describe('a bundle', () => {
  test('stands only in its block and between its timestamps', async () => {
    const { startSec } = world.scenario.chain
    const early = await world.sign(1, {})
    const late = await world.sign(2, {})
    const other = await world.sign(3, {})
    await sendBundle([early], first(), { minTimestamp: startSec + 1 })
    await sendBundle([late], first(), { maxTimestamp: startSec - 1 })
    await sendBundle([other], first() + 1)
    await world.producer.produceBlock()
    expect(await landed()).toEqual([])
    await world.producer.produceBlock()
    expect(await landed(first() + 1)).toEqual([hashOf(other)])
    expect(world.relays[0]!.bundles.list()).toEqual([])
  })

  test('that lists a leg lands it reverted, and pays for its gas', async () => {
    const bad = await world.sign(1, { to: revertingContract, tip: gwei })
    await sendBundle([bad], first(), { revertingTxHashes: [hashOf(bad)] })
    const { bundles } = await world.producer.produceBlock()
    const receipts = await world.anvil.rpc.call<{ status: string; gasUsed: string }[]>(
      'eth_getBlockReceipts',
      ['latest'],
    )
    expect(receipts.map(({ status }) => status)).toEqual(['0x0'])
    expect(bundles[0]!.paidWei).toBe(BigInt(receipts[0]!.gasUsed) * gwei)
  })

  test('lands without a leg that is used up elsewhere, when that leg may be missing', async () => {
    const used = await world.sign(1, {})
    await sendPublic(used)
    await world.producer.produceBlock()
    const [one, two] = [await world.sign(2, {}), await world.sign(3, {})]
    await sendBundle([used, one], first() + 1, { revertingTxHashes: [hashOf(used)] })
    await sendBundle([used, two], first() + 1)
    const { bundles } = await world.producer.produceBlock()
    expect(await landed(first() + 1)).toEqual([hashOf(one)])
    expect(bundles.find(({ included }) => !included)?.reason).toContain('nonce too low')
  })

  test('of a builder that did not win lands nowhere', async () => {
    await world.stop()
    world = await aBlockWorld(['flashbots', 'titan'])
    const winners = new Set<string>()
    for (let block = first(); block < first() + 12; block++) {
      const winner = winnerOf(world.relays, world.scenario.seed, block)
      winners.add(winner.name)
      for (const [i, relay] of world.relays.entries()) {
        const txs = [await world.sign(i + 1, {})]
        await bob.send(relay.url, 'eth_sendBundle', { txs, blockNumber: toHex(block) })
      }
      const expected = hashOf(await world.sign(world.relays.indexOf(winner) + 1, {}))
      expect((await world.producer.produceBlock()).builder).toBe(winner.name)
      const { transactions, miner } = await world.blockAt(block)
      expect(transactions).toEqual([expected])
      expect(miner.toLowerCase()).toBe(winner.coinbase)
    }
    expect([...winners].sort()).toEqual(['flashbots', 'titan'])
  })
})

/** Checks that every base fee is what EIP-1559 makes of the header before it, and returns them. */
const baseFees = async (from: number, blocks: number): Promise<readonly bigint[]> => {
  const fees: bigint[] = []
  for (let number = from; number < from + blocks; number++) {
    const parent = await world.blockAt(number - 1)
    const baseFeeWei = BigInt((await world.blockAt(number)).baseFeePerGas)
    const header = {
      baseFeeWei: BigInt(parent.baseFeePerGas),
      gasUsed: BigInt(parent.gasUsed),
      gasLimit: BigInt(parent.gasLimit),
    }
    expect(baseFeeWei).toBe(nextBaseFeeWei(header))
    fees.push(baseFeeWei)
  }
  return fees
}

describe('the base fee', () => {
  test('without demand is what EIP-1559 makes of what was sent: it falls', async () => {
    for (let k = 0; k < 3; k++) {
      await sendBundle([await world.sign(1, { to: payingContract, value: gwei })], first() + k)
      await world.producer.produceBlock()
    }
    const [a, , c] = await baseFees(first(), 3)
    expect(c!).toBeLessThan(a!)
  })

  test.each([
    ['up', 2],
    ['down', 0.5],
  ])('goes %s to the path as far as demand can drive it, and stays there', async (_, gweis) => {
    await world.stop()
    world = await aBlockWorld(['flashbots'], gweis)
    for (let k = 0; k < 12; k++) {
      // Demand leaves room for what is sent, and counts it.
      const bundled = await world.sign(1, { to: payingContract, value: gwei })
      const open = await world.sign(2, { tip: 2n })
      await sendBundle([bundled], first() + k)
      await sendPublic(open)
      await world.producer.produceBlock()
      expect((await landed(first() + k)).slice(0, 2)).toEqual([bundled, open].map(hashOf))
    }
    expect(world.producer.mismatches).toEqual([])
    const fees = await baseFees(first(), 12)
    for (const feeWei of fees.slice(-3)) {
      expect(Math.abs(Number(feeWei) / (gweis * 1e9) - 1)).toBeLessThan(1e-6)
    }
  })
})

test('a producer that was held up makes up for every block, each at its own time', async () => {
  const { startSec, blockTimeSec } = world.scenario.chain
  const clock = createScenarioClock({ startMs: startSec * 1_000, rate: 100, stopped: true })
  const producer = createBlockProducer({
    rpc: world.anvil.rpc,
    mempool: world.node.mempool,
    relays: world.relays,
    clock,
    scenario: world.scenario,
    log: () => {},
  })
  producer.start()
  // As if the slots of the first five blocks had passed while the machine slept.
  clock.start(Date.now() - (4.5 * blockTimeSec * 1_000) / 100)
  await expect.poll(() => producer.built.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(7)
  await producer.stop()
  const { built } = producer
  expect(built.map(({ number }) => number)).toEqual(built.map((_, k) => first() + k))
  for (const [k, { number }] of built.entries()) {
    expect(Number((await world.blockAt(number)).timestamp)).toBe(startSec + k * blockTimeSec)
  }
  expect(clock.now()).toBeGreaterThanOrEqual((startSec + (built.length - 1) * blockTimeSec) * 1_000)
})

test('a block that is not as it was built is told, and what did not land stays pending', async () => {
  const told: string[] = []
  let meddle: (method: string) => Promise<unknown> = async () => undefined
  const producer = createBlockProducer({
    rpc: {
      ...world.anvil.rpc,
      call: async (method, params) => {
        await meddle(method)
        return world.anvil.rpc.call(method, params)
      },
    },
    mempool: world.node.mempool,
    relays: world.relays,
    clock: { now: () => ms(0), sleepUntil: async () => false },
    scenario: world.scenario,
    log: (text) => told.push(text),
  })
  const [paying, plain] = [
    await world.sign(1, { to: payingContract, value: gwei, tip: gwei }),
    await world.sign(poor, {}),
  ]
  await fund(poor, ether)
  for (const raw of [paying, plain]) await sendPublic(raw)
  meddle = async (method) => {
    if (method !== 'evm_mine') return
    await world.anvil.rpc.call('anvil_setCode', [payingContract, '0x5f5ffd'])
    await fund(poor, 0n)
  }
  await producer.produceBlock()
  expect(await landed()).toEqual([hashOf(paying)])
  const block = `block ${first()}`
  expect(producer.mismatches).toEqual([
    `${block}: 1 of 2 transactions are in it`,
    expect.stringMatching(`${hashOf(paying)}: reverted with \\d+ gas, simulated success with`),
    `${block}: ${hashOf(plain)} is not at index 1`,
    expect.stringContaining('its fee recipient got'),
  ])
  expect(told).toHaveLength(4)
  expect(world.node.mempool.list().map(({ raw }) => raw)).toEqual([plain])
  expect(await world.anvil.rpc.call('txpool_status')).toEqual({ pending: '0x0', queued: '0x0' })
})
