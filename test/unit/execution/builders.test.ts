import { keccak256, recoverMessageAddress, stringToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { ConfigError, ProtocolError, TransientError } from '../../../core/errors.ts'
import type { Address, Hex } from '../../../core/types/chain.ts'
import { assemble } from '../../../execution/builder.ts'
import { createBuilders } from '../../../execution/builders/index.ts'
import { createSigner } from '../../../execution/sign.ts'
import { aBundle, bobKey } from '../../support/a-bundle.ts'
import { answering, aRelay } from '../../support/a-relay.ts'

const authKey: Hex = `0x${'a1'.repeat(32)}`
const auth = privateKeyToAccount(authKey).address
const executor: Address = '0x00000000000000000000000000000000000e0ec0'
const signer = createSigner({ keys: [bobKey], chainId: 1, executor })
const bundle = assemble(aBundle(), await signer.sign(aBundle()))

const builderOf = (kind: 'flashbots' | 'json-rpc', url: string) =>
  createBuilders({
    builders: [{ name: 'titan', kind, url, deadlineMs: 300 }],
    authKey,
    chainId: 1,
  })[0]!

describe.each(['flashbots', 'json-rpc'] as const)('%s', (kind) => {
  const send = (url: string, timeoutMs = 300): Promise<string> =>
    builderOf(kind, url).send(bundle, AbortSignal.timeout(timeoutMs))

  test('sends the bundle, signed by the auth key over the body as it was sent', async () => {
    const relay = await aRelay(answering({ result: { bundleHash: '0xab' } }))
    expect(await send(relay.url)).toBe('0xab')
    const [{ body, headers }] = relay.requests as [(typeof relay.requests)[number]]
    expect(JSON.parse(body)).toMatchObject({
      jsonrpc: '2.0',
      method: 'eth_sendBundle',
      params: [
        {
          txs: bundle.txs,
          blockNumber: '0x65',
          replacementUuid: bundle.replacementUuid,
          // The Flashbots relay knows neither.
          ...(kind === 'flashbots'
            ? {}
            : { droppingTxHashes: bundle.txHashes, replacementNonce: bundle.replacementNonce }),
        },
      ],
    })
    expect(body).not.toContain('revertingTxHashes":["')
    const [address, signature] = String(headers['x-flashbots-signature']).split(':')
    expect(address).toBe(auth)
    const message = keccak256(stringToHex(body))
    expect(await recoverMessageAddress({ message, signature: signature as Hex })).toBe(auth)
  })

  test('keeps its connections: a second one may open while the first is not yet free', async () => {
    const relay = await aRelay(answering({ result: { bundleHash: '0xab' } }))
    const builder = builderOf(kind, relay.url)
    for (let n = 0; n < 8; n += 1) await builder.send(bundle, AbortSignal.timeout(300))
    expect(new Set(relay.requests.map(({ port }) => port)).size).toBeLessThanOrEqual(2)
  })

  test('error: ProtocolError for an error under HTTP 200 and under HTTP 400', async () => {
    const relay = await aRelay(answering({ error: { code: -32000, message: 'nonce too low' } }))
    await expect(send(relay.url)).rejects.toThrow(ProtocolError)
    await expect(send(relay.url)).rejects.toThrow('nonce too low')
    relay.behave(answering({ error: { code: -32602, message: 'no txs' } }, 400))
    await expect(send(relay.url)).rejects.toThrow(ProtocolError)
  })

  test('behavior: a null result is taken for a yes', async () => {
    const relay = await aRelay(answering({ result: null }))
    expect(await send(relay.url)).toBe('accepted')
  })

  test.each([
    ['429', answering({ error: { code: -32005, message: 'slow down' } }, 429)],
    ['500', { status: 500, body: 'oops' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['a cut connection', 'cut'],
  ] as const)('error: TransientError for %s, asked once', async (_, manner) => {
    const relay = await aRelay(manner)
    await expect(send(relay.url)).rejects.toThrow(TransientError)
    expect(relay.requests).toHaveLength(1)
  })

  test('error: TransientError once the signal aborts, without waiting for the relay', async () => {
    const relay = await aRelay('silent')
    const beganMs = performance.now()
    await expect(send(relay.url, 50)).rejects.toThrow(TransientError)
    expect(performance.now() - beganMs).toBeLessThan(250)
  })

  test('error: TransientError for a dead port', async () => {
    await expect(send('http://127.0.0.1:1/?key=canary')).rejects.toThrow(TransientError)
  })

  test('error: ConfigError when the signature is refused', async () => {
    const relay = await aRelay(answering({ error: { message: 'invalid signature' } }, 403))
    await expect(send(relay.url)).rejects.toThrow(ConfigError)
  })

  test('behavior: no error quotes the address, which may hold a secret', async () => {
    const relay = await aRelay({ status: 502, body: 'bad gateway' })
    await expect(send(relay.url)).rejects.toThrow(/^((?!canary).)*$/s)
    await expect(send('http://127.0.0.1:1/?key=canary')).rejects.toThrow(/^((?!canary).)*$/s)
  })
})

describe('cancel', () => {
  test('through the Flashbots provider: by replacement id', async () => {
    const relay = await aRelay(answering({ result: ['0xab'] }))
    const builder = builderOf('flashbots', relay.url)
    expect(await builder.cancel(bundle, AbortSignal.timeout(300))).toBe('cancelled 1')
    expect(JSON.parse(relay.requests[0]!.body)).toMatchObject({
      method: 'eth_cancelBundle',
      params: [{ replacementUuid: bundle.replacementUuid }],
    })
  })

  test('over JSON-RPC: an empty bundle of the same id', async () => {
    const relay = await aRelay(answering({ result: 200 }))
    const builder = builderOf('json-rpc', relay.url)
    expect(await builder.cancel(bundle, AbortSignal.timeout(300))).toBe('200')
    expect(JSON.parse(relay.requests[0]!.body)).toMatchObject({
      method: 'eth_sendBundle',
      params: [{ txs: [], blockNumber: '0x65', replacementUuid: bundle.replacementUuid }],
    })
  })
})

test('error: ConfigError for an auth key that is none, which does not quote it', () => {
  const make = () => createBuilders({ builders: [], authKey: '0xcanary', chainId: 1 })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow(/^((?!canary).)*$/s)
})
