import { parseTransaction, type TransactionSerializableEIP1559, toHex } from 'viem'
import { keccak256 } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { accountAt } from '../../sandbox/chain/accounts.ts'
import { aBlockWorld, gwei, payingContract } from '../support/a-block-world.ts'
import { ask, post } from '../support/a-searcher.ts'

let world: Awaited<ReturnType<typeof aBlockWorld>>
const call = (method: string, ...params: readonly unknown[]) =>
  ask(world.node.httpUrl, method, params)
const send = (raw: string) => call('eth_sendRawTransaction', raw)
const hashOf = (raw: string) => keccak256(raw as `0x${string}`)
const alice = accountAt(1).address.toLowerCase()

beforeEach(async () => {
  world = await aBlockWorld()
})
afterEach(() => world.stop())

/** A websocket whose messages are kept in the order in which they came. */
const aListener = async () => {
  const socket = new WebSocket(world.node.wsUrl)
  // biome-ignore lint/suspicious/noExplicitAny: what a server says is for the test to check
  const messages: any[] = []
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())))
  await new Promise((resolve) => socket.once('open', resolve))
  onTestFinished(() => socket.terminate())
  const until = async (count: number) => {
    await expect.poll(() => messages.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count)
    return messages
  }
  const say = (id: number, method: string, ...params: readonly unknown[]) =>
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
  return { socket, messages, until, say }
}

describe('the mempool', () => {
  test('shows a pending transaction whole, raw and by sender; none of it reaches the chain', async () => {
    const raw = await world.sign(1, { value: 7n, tip: gwei })
    const hash = hashOf(raw)
    expect((await send(raw)).result).toBe(hash)
    const { result } = await call('eth_getTransactionByHash', hash.toUpperCase().replace('X', 'x'))
    const signed = parseTransaction(raw) as TransactionSerializableEIP1559
    expect(result).toMatchObject({
      hash,
      from: alice,
      blockNumber: null,
      type: '0x2',
      value: '0x7',
      maxPriorityFeePerGas: toHex(gwei),
      yParity: toHex(signed.yParity!),
      v: toHex(signed.yParity!),
      r: signed.r,
      s: signed.s,
    })
    expect((await call('eth_getRawTransactionByHash', hash)).result).toBe(raw)
    expect((await call('txpool_content')).result.pending[alice]['0'].hash).toBe(hash)
    expect((await call('eth_getTransactionCount', alice, 'pending')).result).toBe('0x1')
    expect((await call('eth_getTransactionCount', alice, 'latest')).result).toBe('0x0')
    expect(await world.anvil.rpc.call('txpool_status')).toEqual({ pending: '0x0', queued: '0x0' })

    await world.producer.produceBlock()
    expect((await call('txpool_status')).result).toEqual({ pending: '0x0', queued: '0x0' })
    expect((await call('eth_getTransactionByHash', hash)).result.blockNumber).not.toBeNull()
    expect((await call('eth_getRawTransactionByHash', hash)).result).toBe(raw)
  })

  test('announces behind a gap only what the gap no longer holds back', async () => {
    const listener = await aListener()
    listener.say(1, 'eth_subscribe', 'newPendingTransactions')
    listener.say(2, 'eth_subscribe', 'newPendingTransactions', true)
    await listener.until(2)
    const [zero, one] = [await world.sign(1, {}), await world.sign(1, { nonce: 1 })]
    await send(one)
    expect((await call('txpool_status')).result).toEqual({ pending: '0x0', queued: '0x1' })
    await send(zero)
    const told = (await listener.until(6)).slice(2).map(({ params }) => params.result)
    expect(told.map((result) => result.hash ?? result)).toEqual([zero, zero, one, one].map(hashOf))
    expect(told[1]).toMatchObject({ from: alice, nonce: '0x0', blockHash: null })
  })

  test('gives a nonce to who pays a tenth more', async () => {
    const first = await world.sign(1, { tip: 10n * gwei, maxFee: 100n * gwei })
    await send(first)
    expect((await send(first)).error).toMatchObject({ code: -32000, message: 'already known' })
    const less = await world.sign(1, { tip: 11n * gwei, maxFee: 109n * gwei })
    expect((await send(less)).error?.code).toBe(-32003)
    const more = await world.sign(1, { tip: 11n * gwei, maxFee: 110n * gwei })
    expect((await send(more)).result).toBe(hashOf(more))
    expect(world.node.mempool.list().map(({ raw }) => raw)).toEqual([more])
  })

  test('holds 64 of one sender', async () => {
    for (let nonce = 0; nonce < 64; nonce++) {
      expect((await send(await world.sign(1, { nonce }))).error).toBeUndefined()
    }
    expect((await send(await world.sign(1, { nonce: 64 }))).error?.message).toContain('64')
  })

  test('refuses what the chain could not take', async () => {
    const account = accountAt(1)
    const fields = {
      type: 'eip1559',
      chainId: 1,
      nonce: 0,
      gas: 100_000n,
      to: payingContract,
      maxFeePerGas: 100n * gwei,
      maxPriorityFeePerGas: 1n,
    } as const
    const refused = async (change: object) =>
      (await send(await account.signTransaction({ ...fields, ...change }))).error?.message
    expect(await refused({ chainId: 5 })).toContain('invalid chain id for signer: have 5 want 1')
    expect(await refused({ gas: 20_999n })).toContain('intrinsic gas too low')
    expect(await refused({ gas: 16_777_217n })).toContain('transaction gas limit too high')
    expect(await refused({ maxFeePerGas: 1n })).toContain('less than block base fee')
    expect(await refused({ value: 10n ** 30n })).toContain('insufficient funds')
    expect((await send('0x02c0')).error?.code).toBe(-32000)
    expect((await send('nothing')).error?.code).toBe(-32000)
    expect(world.node.mempool.list()).toEqual([])
  })
})

describe('requests', () => {
  test('in a batch are answered in order, by whoever answers each', async () => {
    const batch = [
      { id: 'a', method: 'eth_chainId' },
      { id: 2, method: 'evm_mine', params: [] },
      { id: 3, method: 'eth_accounts' },
      { id: 4, method: 'eth_getBalance', params: [payingContract, 'pending'] },
      'no request',
      { id: 5, method: 'eth_call', params: [{ to: 'nowhere' }, 'latest'] },
    ]
    const body = JSON.stringify(
      batch.map((request) =>
        typeof request === 'string' ? request : { jsonrpc: '2.0', ...request },
      ),
    )
    const response = await fetch(world.node.httpUrl, { method: 'POST', body })
    expect(await response.json()).toMatchObject([
      { id: 'a', result: '0x1' },
      { id: 2, error: { code: -32601 } },
      { id: 3, result: [] },
      { id: 4, result: '0x0' },
      { id: null, error: { code: -32600 } },
      { id: 5, error: { code: -32602 } },
    ])
  })

  test('that are none are answered as such', async () => {
    const code = async (body: string) => (await post(world.node.httpUrl, body)).error?.code
    expect(await code('{')).toBe(-32700)
    expect(await code('7')).toBe(-32600)
    expect(await code('[]')).toBe(-32600)
    expect(await code(`[${Array(1_001).fill('1').join()}]`)).toBe(-32600)
    expect((await post(world.node.httpUrl, ' '.repeat(6_000_000))).status).toBe(413)
    expect((await fetch(world.node.httpUrl)).status).toBe(405)
  })

  test('cannot look into the block in the making', async () => {
    const raw = await world.sign(1, { to: payingContract, value: 5n })
    await world.anvil.rpc.call('eth_sendRawTransaction', [raw])
    expect((await call('eth_getTransactionByHash', hashOf(raw))).result).toBeNull()
    expect((await call('eth_getRawTransactionByHash', hashOf(raw))).result).toBeNull()
    expect((await call('eth_getBlockByNumber', 'pending', false)).result).toBeNull()
    expect((await call('eth_getTransactionCount', alice, 'pending')).result).toBe('0x0')
    expect((await call('eth_getBalance', alice, 'pending')).result).toBe(
      (await call('eth_getBalance', alice, 'latest')).result,
    )
    for (const method of [
      'eth_newPendingTransactionFilter',
      'eth_sendRawTransactionSync',
      'eth_getTransactionBySenderAndNonce',
      'txpool_inspect',
      'eth_sendTransaction',
      'debug_setHead',
    ]) {
      expect((await call(method)).error?.code).toBe(-32601)
    }
  })
})

describe('subscriptions', () => {
  test('to heads and logs are the chains own, the answer before the first notification', async () => {
    const listener = await aListener()
    listener.say(1, 'eth_subscribe', 'newHeads')
    listener.say(2, 'eth_subscribe', 'logs', { address: payingContract })
    listener.say(3, 'eth_subscribe', 'syncing')
    listener.say(4, 'eth_chainId')
    await listener.until(4)
    await world.producer.produceBlock()
    const [head] = (await listener.until(5)).filter(({ params }) => params)
    const answer = listener.messages.find(({ id }) => id === 1)
    expect(head.params.subscription).toBe(answer.result)
    expect(Number(head.params.result.number)).toBe(world.scenario.chain.firstBlock)
    expect(listener.messages.find(({ id }) => id === 3).error.code).toBe(-32602)
    expect(listener.messages.find(({ id }) => id === 4).result).toBe('0x1')

    listener.say(5, 'eth_unsubscribe', answer.result)
    await expect.poll(() => listener.messages.find(({ id }) => id === 5)?.result).toBe(true)
    const before = listener.messages.length
    await world.producer.produceBlock()
    listener.say(6, 'eth_chainId')
    await expect.poll(() => listener.messages.find(({ id }) => id === 6)?.result).toBe('0x1')
    expect(listener.messages).toHaveLength(before + 1)
  })

  test('end with the chain, so that the client knows', async () => {
    const listener = await aListener()
    listener.say(1, 'eth_subscribe', 'newHeads')
    await listener.until(1)
    const closed = new Promise<number>((resolve) => listener.socket.once('close', resolve))
    await world.anvil.stop()
    expect(await closed).toBe(1011)
    expect((await call('eth_blockNumber')).error?.code).toBe(-32603)
  })

  test('of a client that reads nothing cost the node no memory without end', async () => {
    const listener = await aListener()
    listener.say(1, 'eth_subscribe', 'newPendingTransactions', true)
    await listener.until(1)
    listener.socket.pause()
    const closed = new Promise((resolve) => listener.socket.once('close', resolve))
    const decoded = await world.node.decode(await world.sign(1, {}))
    if ('error' in decoded) expect.unreachable()
    const data = `0x${'ab'.repeat(100_000)}` as const
    for (let i = 0; i < 300; i++) {
      const hash = toHex(i, { size: 32 })
      const from = toHex(i, { size: 20 })
      world.node.mempool.add({ ...decoded.tx, hash, from, data }, 0)
    }
    listener.socket.resume()
    await closed
    expect((await call('eth_chainId')).result).toBe('0x1')
  })
})

test('the node closes with clients on it', async () => {
  const listener = await aListener()
  const closed = new Promise((resolve) => listener.socket.once('close', resolve))
  await world.node.stop()
  await closed
  await expect(call('eth_chainId')).rejects.toThrow()
})
