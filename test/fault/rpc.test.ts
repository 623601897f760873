import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ConfigError, ProtocolError, TransientError } from '../../core/errors.ts'
import { ms } from '../../core/units.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { headOf, numberOf } from '../../monitors/sources/rpc-values.ts'

interface Asked {
  readonly id: number
  readonly method: string
}

type Answer = (asked: Asked, response: ServerResponse) => void

const servers: Server[] = []

const result =
  (value: unknown): Answer =>
  ({ id }, response) => {
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: value }))
  }
const error =
  (code: number, message: string, status = 200): Answer =>
  ({ id }, response) => {
    response.writeHead(status).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }))
  }

/** An endpoint of chain 1 that answers everything else in this way; counts what it was asked. */
const anEndpoint = async (answer: Answer, chain = '0x1') => {
  const asked: string[] = []
  const it = { url: '', asked, answer }
  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const request = JSON.parse(body) as Asked
    asked.push(request.method)
    if (request.method === 'eth_chainId') result(chain)(request, response)
    else it.answer(request, response)
  }
  const server = createServer((incoming, response) => void respond(incoming, response))
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  it.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return it
}

type Endpoint = Awaited<ReturnType<typeof anEndpoint>>

const ask = (endpoints: readonly Endpoint[], deadlineMs = 300) => {
  const rpc = createRpc({ urls: endpoints.map(({ url }) => url), chainId: 1, deadlineMs })
  return {
    rpc,
    number: () => rpc.request('eth_blockNumber', [], (value) => numberOf('block number', value)),
  }
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

describe('createRpc', () => {
  test('default: the result, after the endpoint has named its chain once', async () => {
    const endpoint = await anEndpoint(result('0x10'))
    const { number } = ask([endpoint])
    expect(await number()).toBe(16)
    expect(await number()).toBe(16)
    expect(endpoint.asked).toEqual(['eth_chainId', 'eth_blockNumber', 'eth_blockNumber'])
  })

  test.each<[string, Answer, typeof TransientError]>([
    ['status 500', (_, response) => response.writeHead(500).end('no'), TransientError],
    ['no JSON', (_, response) => response.end('<html>'), TransientError],
    [
      'a cut answer',
      (_, response) => response.end('{"jsonrpc":"2.0","id":2,"resu'),
      TransientError,
    ],
    ['a cut connection', (_, response) => response.destroy(), TransientError],
    ['a refusal', error(-32000, 'busy'), TransientError],
    ['a refusal with a status of its own', error(-32000, 'busy', 400), TransientError],
    ['null', result(null), ProtocolError],
    ['what is no quantity', result('latest'), ProtocolError],
    [
      'another id',
      ({ id }, response) => result('0x1')({ id: id + 1, method: '' }, response),
      ProtocolError,
    ],
    [
      'neither result nor error',
      ({ id }, response) => response.end(JSON.stringify({ id })),
      ProtocolError,
    ],
    ['a list', (_, response) => response.end('[]'), ProtocolError],
  ])(
    'error: %s is thrown by its class, and a second endpoint saves the call',
    async (_, answer, thrown) => {
      const bad = await anEndpoint(answer)
      await expect(ask([bad]).number()).rejects.toThrow(thrown)
      const good = await anEndpoint(result('0x10'))
      expect(await ask([bad, good]).number()).toBe(16)
    },
  )

  test('F02, F03: a silent endpoint costs its deadline and one request, then the next is asked', async () => {
    const silent = await anEndpoint(() => undefined)
    const startedMs = performance.now()
    await expect(ask([silent]).number()).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
    expect(performance.now() - startedMs).toBeLessThan(600)
    expect(silent.asked).toEqual(['eth_chainId', 'eth_blockNumber'])
    const good = await anEndpoint(result('0x10'))
    const both = ask([silent, good])
    expect(await both.number()).toBe(16)
  })

  test('an answer that trickles does not outlast the deadline either', async () => {
    const slow = await anEndpoint((_, response) => {
      response.write('{"jsonrpc":')
    })
    const startedMs = performance.now()
    await expect(ask([slow]).number()).rejects.toThrow(TransientError)
    expect(performance.now() - startedMs).toBeLessThan(600)
  })

  test('F04: three faults in a row bench an endpoint; it is asked again when its time is over', async () => {
    const bad = await anEndpoint(result(null))
    const good = await anEndpoint(result('0x10'))
    let nowMs = 0
    const rpc = createRpc({ urls: [bad.url, good.url], chainId: 1, nowMs: () => nowMs })
    const number = () =>
      rpc.request('eth_blockNumber', [], (value) => numberOf('block number', value))
    for (let i = 0; i < 6; i += 1) expect(await number()).toBe(16)
    expect(bad.asked.filter((method) => method === 'eth_blockNumber')).toHaveLength(3)
    nowMs = 1_001
    bad.answer = result('0x11')
    expect(await number()).toBe(17)
    expect(bad.asked.at(-2)).toBe('eth_chainId')
    expect(rpc.stats()[0]).toMatchObject({ faults: 3, benched: 1 })
  })

  test('F04: an endpoint of another chain is never believed', async () => {
    const foreign = await anEndpoint(result('0x99'), '0x5')
    const good = await anEndpoint(result('0x10'))
    await expect(ask([foreign]).number()).rejects.toThrow(ConfigError)
    expect(foreign.asked).not.toContain('eth_blockNumber')
    expect(await ask([foreign, good]).number()).toBe(16)
  })

  test('F05: a block that a lagging endpoint does not have comes from the next', async () => {
    const block = {
      ...{ number: '0x10', hash: `0x${'a'.repeat(64)}`, parentHash: `0x${'b'.repeat(64)}` },
      ...{ timestamp: '0x1', baseFeePerGas: '0x1', gasUsed: '0x0', gasLimit: '0x1' },
    }
    const lagging = await anEndpoint(result(null))
    const { rpc } = ask([lagging, await anEndpoint(result(block))])
    const read = () => rpc.request('eth_getBlockByNumber', [], (value) => headOf(value, ms(0)))
    for (let i = 0; i < 5; i += 1) expect((await read()).number).toBe(16)
    expect(rpc.stats()[0]).toMatchObject({ faults: 0 })
  })

  test('F07: a limit benches for as long as it asks', async () => {
    const limited = await anEndpoint((_, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end('slow down')
    })
    const good = await anEndpoint(result('0x10'))
    let nowMs = 0
    const rpc = createRpc({ urls: [limited.url, good.url], chainId: 1, nowMs: () => nowMs })
    const number = () =>
      rpc.request('eth_blockNumber', [], (value) => numberOf('block number', value))
    for (nowMs of [0, 1, 6_999]) expect(await number()).toBe(16)
    expect(limited.asked.filter((method) => method === 'eth_blockNumber')).toHaveLength(1)
    nowMs = 7_001
    await number()
    expect(limited.asked.filter((method) => method === 'eth_blockNumber')).toHaveLength(2)
  })

  test('all benched: the one whose time is over first is asked all the same', async () => {
    const only = await anEndpoint(result(null))
    const { number } = ask([only])
    for (let i = 0; i < 4; i += 1) await expect(number()).rejects.toThrow(ProtocolError)
    only.answer = result('0x10')
    expect(await number()).toBe(16)
  })

  test('error: ConfigError', () => {
    expect(() => createRpc({ urls: [], chainId: 1 })).toThrow(ConfigError)
    expect(() => createRpc({ urls: ['ws://127.0.0.1'], chainId: 1 })).toThrow(ConfigError)
  })

  test('behavior: no message and no count holds a key that an address may hold', async () => {
    const endpoint = await anEndpoint(error(-32000, 'busy'))
    const rpc = createRpc({ urls: [`${endpoint.url}/v2/s3cret?key=s3cret`], chainId: 1 })
    const thrown = await rpc.request('eth_blockNumber', [], String).catch((cause: unknown) => cause)
    expect(thrown).toBeInstanceOf(TransientError)
    expect(JSON.stringify([thrown, (thrown as Error).message, rpc.stats()])).not.toContain('s3cret')
  })
})
