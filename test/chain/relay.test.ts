import { keccak256, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Relay } from '../../sandbox/builders/relay.ts'
import { aBlockWorld, gwei, payingContract, revertingContract } from '../support/a-block-world.ts'
import { aSearcher, post } from '../support/a-searcher.ts'

let world: Awaited<ReturnType<typeof aBlockWorld>>
let flashbots: Relay
let buildernet: Relay
let titan: Relay
const bob = aSearcher()
const mallory = aSearcher()
const uuid = '0f1e2d3c-4b5a-4978-8a6b-5c4d3e2f1a0b'
const hashOf = (raw: string) => keccak256(raw as `0x${string}`)

beforeAll(async () => {
  world = await aBlockWorld(['flashbots', 'buildernet', 'titan'])
  ;[flashbots, buildernet, titan] = world.relays as [Relay, Relay, Relay]
})
afterAll(() => world.stop())

/** The next block, as the wire has it. */
const next = async (): Promise<string> =>
  toHex(Number(await world.anvil.rpc.call<string>('eth_blockNumber')) + 1)
const held = (relay: Relay) => relay.bundles.list().flatMap(({ txs }) => txs.map(({ raw }) => raw))

describe('each builder answers in its own shape', () => {
  test('eth_sendBundle', async () => {
    const bundle = { txs: [await world.sign(1, {})], blockNumber: await next() }
    const [a, b, c] = await Promise.all(
      [flashbots, buildernet, titan].map(({ url }) => bob.send(url, 'eth_sendBundle', bundle)),
    )
    expect(a).toEqual({
      status: 200,
      jsonrpc: '2.0',
      id: 'x-7',
      result: { bundleHash: hashOf(hashOf(bundle.txs[0]!)) },
    })
    expect(b!.result).toEqual({
      bundleHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      receivedTimestampMs: world.scenario.chain.startSec * 1_000,
    })
    expect(Object.keys(c!.result)).toEqual(['bundleHash'])
    expect(new Set([a, b, c].map((told) => told!.result.bundleHash)).size).toBe(3)
  })

  test('a bundle for other builders too is told to be multiplexed by Flashbots alone', async () => {
    const bundle = { txs: [await world.sign(1, {})], blockNumber: await next(), builders: ['x'] }
    expect((await bob.send(flashbots.url, 'eth_sendBundle', bundle)).result.smart).toBe(true)
    expect((await bob.send(titan.url, 'eth_sendBundle', bundle)).result.smart).toBeUndefined()
  })

  test('errors: Flashbots and Titan under 200, BuilderNet under the status of the fault', async () => {
    const told = await Promise.all(
      [flashbots, buildernet, titan].map(async ({ url }) => [
        await bob.send(url, 'eth_sendBundle', { txs: [], blockNumber: '0x1' }),
        await bob.send(url, 'mev_sendBundle', {}),
        await bob.sendText(url, '{"jsonrpc"'),
        await bob.sendText(url, '[]'),
      ]),
    )
    expect(told.map((row) => row.map(({ status, error }) => [status, error?.code]))).toEqual([
      [
        [200, -32602],
        [200, -32601],
        [200, -32700],
        [200, -32600],
      ],
      [
        [400, -32602],
        [404, -32601],
        [400, -32700],
        [400, -32600],
      ],
      [
        [200, -32602],
        [200, -32601],
        [200, -32700],
        [200, -32600],
      ],
    ])
    expect(told[0]![1]!.error!.message).toBe(
      'the method mev_sendBundle does not exist/is not available',
    )
  })

  test('a signature that does not fit: 403, 400, 401', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'eth_sendBundle', params: [{}] })
    const header = { 'x-flashbots-signature': await bob.signature(body) }
    const touched = await Promise.all(
      [flashbots, buildernet, titan].map(({ url }) => post(url, `${body} `, header)),
    )
    expect(touched.map(({ status, id, error }) => [status, id, error])).toEqual([
      [403, 5, { code: -32600, message: 'signing address mismatch' }],
      [400, 5, { code: -32603, message: 'Invalid signature' }],
      [401, 5, { code: -32600, message: 'signing address mismatch' }],
    ])
    const stolen = `${mallory.address}:${header['x-flashbots-signature'].split(':')[1]}`
    for (const [signature, message] of [
      ['', 'no signature provided'],
      ['0x12', 'missing separator'],
      ['0x12:0x34', 'invalid address provided'],
      [`${bob.address}:0x34`, 'invalid signature provided'],
      [`${bob.address}:0x${'00'.repeat(65)}`, 'signing address mismatch: '],
      [stolen, 'signing address mismatch'],
    ] as const) {
      const told = await post(flashbots.url, body, { 'x-flashbots-signature': signature })
      expect(told.error?.message).toContain(message)
    }
    expect(flashbots.stats.unsigned).toBe(7)
  })
})

describe('a bundle is refused', () => {
  test.each([
    ['without transactions', { txs: [] }, 'no txs in the bundle'],
    ['with too many', { txs: Array(101).fill('0x02') }, 'too many txs: 101 of 100'],
    ['with too many bytes', { txs: [`0x${'00'.repeat(300_001)}`] }, 'bundle too large'],
    ['without a block', { txs: ['0x02'], blockNumber: null }, 'blockNumber is missing'],
    ['for no block', { txs: ['0x02'], blockNumber: 17 }, 'blockNumber: '],
    ['with a uuid that is none', { txs: ['0x02'], replacementUuid: 'one' }, 'is no UUID'],
    ['with hashes that are none', { txs: ['0x02'], revertingTxHashes: ['0x1'] }, 'revertingTx'],
    ['with what is no transaction', { txs: ['0x02'] }, 'txs[0]: rlp'],
    ['for a time before 1970', { txs: ['0x02'], minTimestamp: -1 }, 'minTimestamp'],
  ])('%s', async (_, bundle, message) => {
    const told = await bob.send(flashbots.url, 'eth_sendBundle', {
      blockNumber: await next(),
      ...bundle,
    })
    expect(told.error).toMatchObject({ code: -32602, message: expect.stringContaining(message) })
  })

  test('for a block that is mined or far off', async () => {
    const head = Number(await next()) - 1
    const txs = [await world.sign(1, {})]
    const to = (block: number) =>
      bob.send(flashbots.url, 'eth_sendBundle', { txs, blockNumber: toHex(block) })
    expect((await to(head)).error).toMatchObject({ code: -32000 })
    expect((await to(head + 101)).error).toMatchObject({ code: -32602 })
  })

  test('with a refund that the builder does not know', async () => {
    const bundle = { txs: [await world.sign(1, {})], refundPercent: 100 }
    for (const { url } of [buildernet, titan]) {
      expect((await bob.send(url, 'eth_sendBundle', bundle)).error?.message).toContain('100 is not')
    }
  })
})

describe('replacement', () => {
  test('is by signer and uuid: mallory cannot replace or cancel what is bobs', async () => {
    const blockNumber = await next()
    const [mine, hers, newer] = [
      await world.sign(1, { value: 1n }),
      await world.sign(1, { value: 2n }),
      await world.sign(1, { value: 3n }),
    ]
    const submit = (who: typeof bob, raw: string) =>
      who.send(flashbots.url, 'eth_sendBundle', { txs: [raw], blockNumber, replacementUuid: uuid })
    await submit(bob, mine)
    await submit(mallory, hers)
    expect(held(flashbots)).toEqual(expect.arrayContaining([mine, hers]))
    await submit(bob, newer)
    expect(held(flashbots)).not.toContain(mine)
    const cancel = (who: typeof bob) =>
      who.send(flashbots.url, 'eth_cancelBundle', { replacementUuid: uuid })
    expect((await cancel(mallory)).result).toEqual([hashOf(hashOf(hers))])
    expect(held(flashbots)).toContain(newer)
    expect((await cancel(bob)).result).toEqual([hashOf(hashOf(newer))])
    expect((await cancel(bob)).result).toEqual([])
  })

  test('at BuilderNet goes by number: a late lower one is ignored, an empty one cancels', async () => {
    const blockNumber = await next()
    const [high, low] = [await world.sign(1, { value: 5n }), await world.sign(1, { value: 4n })]
    const submit = (txs: readonly string[], replacementNonce: number) =>
      bob.send(buildernet.url, 'eth_sendBundle', {
        txs,
        blockNumber,
        replacementUuid: uuid,
        replacementNonce,
      })
    await submit([high], 2)
    expect((await submit([low], 1)).error).toBeUndefined()
    expect(held(buildernet)).toContain(high)
    await submit([], 3)
    await submit([low], 2)
    expect(held(buildernet)).not.toContain(high)
    expect(held(buildernet)).not.toContain(low)
    await submit([low], 4)
    expect(held(buildernet)).toContain(low)
  })

  test('goes by `uuid` too at BuilderNet, and there alone', async () => {
    const blockNumber = await next()
    const other = uuid.replace('0', '1')
    const submit = async (relay: Relay, value: bigint) => {
      const raw = await world.sign(1, { value })
      const told = await bob.send(relay.url, 'eth_sendBundle', {
        txs: [raw],
        blockNumber,
        uuid: other,
      })
      expect(told.error).toBeUndefined()
      return raw
    }
    for (const relay of world.relays) {
      const [older, newer] = [await submit(relay, 11n), await submit(relay, 12n)]
      const own = held(relay).filter((raw) => [older, newer].includes(raw))
      expect(own).toEqual(relay === buildernet ? [newer] : [older, newer])
    }
  })

  test('at Titan takes any text as uuid and answers 200', async () => {
    const tx = await world.sign(1, { value: 6n })
    await bob.send(titan.url, 'eth_sendBundle', { txs: [tx], replacementUuid: 'any text' })
    expect(held(titan)).toContain(tx)
    const told = await bob.send(titan.url, 'eth_cancelBundle', { replacementUuid: 'any text' })
    expect(told.result).toBe(200)
    expect(held(titan)).not.toContain(tx)
  })
})

describe('eth_callBundle', () => {
  test('splits what the builder gets into tip and payment, and shows a revert', async () => {
    const txs = [
      await world.sign(1, { to: payingContract, value: 10n ** 15n, tip: 2n * gwei }),
      await world.sign(2, { to: revertingContract }),
    ]
    const { result } = await bob.send(flashbots.url, 'eth_callBundle', {
      txs,
      blockNumber: await next(),
      stateBlockNumber: 'latest',
    })
    const [paying, reverting] = result.results
    expect(BigInt(paying.gasFees)).toBe(BigInt(paying.gasUsed) * 2n * gwei)
    expect(paying).toMatchObject({ ethSentToCoinbase: String(10n ** 15n), value: '0x' })
    expect(reverting).toMatchObject({ error: 'execution reverted', revert: '0x' })
    expect(BigInt(result.coinbaseDiff)).toBe(
      BigInt(result.gasFees) + BigInt(result.ethSentToCoinbase),
    )
    expect(result.totalGasUsed).toBe(paying.gasUsed + reverting.gasUsed)
  })

  test('says what makes it invalid in the words that clients look for', async () => {
    const call = async (raw: string) =>
      bob.send(flashbots.url, 'eth_callBundle', { txs: [raw], blockNumber: await next() })
    const gap = await call(await world.sign(1, { nonce: 9 }))
    expect(gap.error?.message).toMatch(/^err: nonce too high: address 0x\w{40}, tx: 9 state: 0/)
    const cheap = await call(await world.sign(1, { maxFee: 5n }))
    expect(cheap.error?.message).toMatch(/^err: max fee per gas less than block base fee: /)
    const poor = await call(await world.sign(700, {}))
    expect(poor.error?.message).toMatch(/^err: insufficient funds: /)
    expect(gap.error?.code).toBe(-32000)
  })
})

test('a private transaction waits for its block, is cancelled by its sender alone, and is counted', async () => {
  const kept = await world.sign(4, { tip: gwei })
  const gone = await world.sign(5, {})
  expect((await bob.send(flashbots.url, 'eth_sendPrivateRawTransaction', kept)).result).toBe(
    hashOf(kept),
  )
  await bob.send(flashbots.url, 'eth_sendPrivateTransaction', { tx: gone, maxBlockNumber: 1e9 })
  const cancel = (who: typeof bob) =>
    who.send(flashbots.url, 'eth_cancelPrivateTransaction', { txHash: hashOf(gone) })
  expect((await cancel(mallory)).error).toMatchObject({ code: -32000 })
  expect((await cancel(bob)).result).toBe(true)

  for (const other of [buildernet, titan]) other.behave({ ignore: true })
  for (let blocks = 0; held(flashbots).includes(kept as `0x${string}`); blocks++) {
    expect(blocks).toBeLessThan(25)
    await world.producer.produceBlock()
  }
  expect((await world.blockAt(Number(await next()) - 1)).transactions).toContain(hashOf(kept))
  expect(world.producer.mismatches).toEqual([])
  const user = await bob.send(flashbots.url, 'flashbots_getUserStatsV2', { blockNumber: '0x1' })
  expect(BigInt(user.result.allTimeValidatorPayments)).toBe(21_000n * gwei)
  const stats = await bob.send(flashbots.url, 'flashbots_getBundleStatsV2', {
    bundleHash: hashOf(kept),
  })
  expect(stats.result).toMatchObject({
    isSimulated: true,
    sealedByBuildersAt: [{ pubkey: 'flashbots' }],
  })
})

test('a builder that is told to fail answers the status, and one that is slow is late', async () => {
  titan.behave({ failStatus: 503, latencyMs: 150 })
  const began = performance.now()
  const told = await bob.send(titan.url, 'eth_sendBundle', { txs: [await world.sign(1, {})] })
  expect(told).toMatchObject({ status: 503, id: 'x-7', error: { code: -32603 } })
  expect(performance.now() - began).toBeGreaterThanOrEqual(149)
  titan.behave({ failStatus: undefined, latencyMs: 0 })
})
