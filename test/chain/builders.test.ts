import { FlashbotsBundleProvider } from '@flashbots/ethers-provider-bundle'
import { JsonRpcProvider, Wallet } from 'ethers'
import { keccak256 } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { aBlockWorld, gwei, payingContract, revertingContract } from '../support/a-block-world.ts'

let world: Awaited<ReturnType<typeof aBlockWorld>>
let provider: JsonRpcProvider
let client: FlashbotsBundleProvider

beforeEach(async () => {
  world = await aBlockWorld()
  provider = new JsonRpcProvider(world.node.httpUrl, 1, { staticNetwork: true })
  client = await FlashbotsBundleProvider.create(
    provider as never,
    new Wallet(generatePrivateKey()) as never,
    world.relays[0]!.url,
    1 as never,
  )
})
afterEach(async () => {
  provider.destroy()
  await world.stop()
})

const next = (): number => world.scenario.chain.firstBlock
const sendPublic = (raw: string) =>
  fetch(world.node.httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'eth_sendRawTransaction',
      params: [raw],
    }),
  }).then(
    (response) =>
      response.json() as Promise<{ result?: string; error?: { code: number; message: string } }>,
  )

describe('a bundle by the genuine Flashbots client', () => {
  test('lands whole and in order, ahead of an older public transaction with a higher tip', async () => {
    const rich = await world.sign(3, { tip: 50n * gwei })
    await sendPublic(rich)
    const first = await world.sign(1, { tip: 2n * gwei })
    const second = await world.sign(2, { tip: 2n * gwei })
    const simulated = await client.simulate([first, second], next())
    expect('error' in simulated).toBe(false)
    const sent = await client.sendRawBundle([first, second], next())
    expect('error' in sent).toBe(false)
    await world.producer.produceBlock()
    const { transactions } = await world.blockAt(next())
    expect(transactions).toEqual(
      [first, second, rich].map((raw) => keccak256(raw as `0x${string}`)),
    )
    expect(world.producer.mismatches).toEqual([])
  })

  test('with a leg that reverts leaves nothing, unless the leg may', async () => {
    const good = await world.sign(1, {})
    const bad = await world.sign(2, { to: revertingContract, value: 0n })
    await client.sendRawBundle([good, bad], next())
    const built = await world.producer.produceBlock()
    expect((await world.blockAt(next())).transactions).toEqual([])
    expect(built.bundles[0]).toMatchObject({ included: false })
    expect(built.bundles[0]!.reason).toContain('reverted')

    await client.sendRawBundle([good, bad], next() + 1, {
      revertingTxHashes: [keccak256(bad as `0x${string}`)],
    })
    await world.producer.produceBlock()
    expect((await world.blockAt(next() + 1)).transactions).toHaveLength(2)
  })

  test('loses to one that pays more for the same nonce', async () => {
    const low = await world.sign(1, { to: payingContract, value: 10n ** 15n })
    const high = await world.sign(1, { to: payingContract, value: 10n ** 16n })
    await client.sendRawBundle([low], next())
    await client.sendRawBundle([high], next())
    const built = await world.producer.produceBlock()
    expect((await world.blockAt(next())).transactions).toEqual([keccak256(high as `0x${string}`)])
    expect(built.bundles.map(({ included }) => included).sort()).toEqual([false, true])
  })

  test('is taken back by its uuid', async () => {
    const replacementUuid = crypto.randomUUID()
    const tx = await world.sign(1, {})
    await client.sendRawBundle([tx], next(), { replacementUuid })
    await client.cancelBundles(replacementUuid)
    await world.producer.produceBlock()
    expect((await world.blockAt(next())).transactions).toEqual([])
  })

  test('opens with what another opens with: only the better lands', async () => {
    const opening = await world.sign(1, {})
    const one = await world.sign(2, { to: payingContract, value: 10n ** 14n })
    const two = await world.sign(3, { to: payingContract, value: 10n ** 15n })
    await client.sendRawBundle([opening, one], next())
    await client.sendRawBundle([opening, two], next())
    const { bundles } = await world.producer.produceBlock()
    expect((await world.blockAt(next())).transactions).toEqual(
      [opening, two].map((raw) => keccak256(raw as `0x${string}`)),
    )
    expect(bundles.find(({ included }) => !included)?.reason).toContain('nonce too low')
  })

  test('is seen by nobody before it is mined', async () => {
    const socket = new WebSocket(world.node.wsUrl)
    const seen: string[] = []
    await new Promise((resolve) => socket.once('open', resolve))
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString())
      if (message.params) seen.push(message.params.result)
    })
    socket.send(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'eth_subscribe',
        params: ['newPendingTransactions'],
      }),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    const hidden = await world.sign(1, {})
    const open = await world.sign(2, {})
    await client.sendRawBundle([hidden], next())
    await sendPublic(open)
    await world.producer.produceBlock()
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.terminate()
    expect((await world.blockAt(next())).transactions).toHaveLength(2)
    expect(seen).toEqual([keccak256(open as `0x${string}`)])
  })
})

test('a body that was touched after it was signed is refused', async () => {
  const account = new Wallet(generatePrivateKey())
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'eth_sendBundle',
    params: [{ txs: [], blockNumber: '0x1' }],
  })
  const { id } = await import('ethers')
  const signature = `${account.address}:${await account.signMessage(id(body))}`
  const post = (text: string) =>
    fetch(world.relays[0]!.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-flashbots-signature': signature },
      body: text,
    })
  const touched = await post(`${body} `)
  expect(touched.ok).toBe(false)
  expect(world.relays[0]!.stats).toMatchObject({ unsigned: 1 })
})

describe('the public node', () => {
  test('has no methods that change the chain other than by a transaction', async () => {
    for (const method of ['anvil_setBalance', 'evm_mine', 'evm_snapshot', 'hardhat_setCode']) {
      const response = await fetch(world.node.httpUrl, {
        method: 'POST',
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
      })
      expect(await response.json()).toMatchObject({ error: { code: -32601 } })
    }
  })

  test('refuses used nonces and replacements that pay too little', async () => {
    const raw = await world.sign(1, { tip: gwei })
    expect((await sendPublic(raw)).result).toBe(keccak256(raw as `0x${string}`))
    const same = await world.sign(1, { tip: gwei + 1n, value: 1n })
    expect((await sendPublic(same)).error?.message).toContain('underpriced')
    await world.producer.produceBlock()
    const used = await world.sign(1, { nonce: 0, value: 2n })
    expect((await sendPublic(used)).error?.message).toContain('nonce too low')
  })
})

describe('the block producer', () => {
  test("stands on the scenario's times and moves the base fee at most an eighth", async () => {
    const fees: bigint[] = []
    for (let k = 0; k < 4; k++) {
      await world.producer.produceBlock()
      const { timestamp, baseFeePerGas } = await world.blockAt(next() + k)
      expect(Number(timestamp)).toBe(world.scenario.chain.startSec + 12 * k)
      fees.push(BigInt(baseFeePerGas))
    }
    for (let k = 1; k < fees.length; k++) {
      const change = fees[k]! - fees[k - 1]!
      expect((change < 0n ? -change : change) * 8n).toBeLessThanOrEqual(fees[k - 1]!)
    }
  })
})
