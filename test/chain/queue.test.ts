import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { findRedisServer } from '../../bot/queue/redis-server.ts'
import { startQueue } from '../../bot/queue/start-queue.ts'
import type { Alert } from '../../core/types/event.ts'
import { sec } from '../../core/units.ts'

const anAlert = (key: string): Alert => ({
  key,
  severity: 'warning',
  status: 'open',
  kind: 'divergence',
  asset: 'ETH',
  text: 'ETH oracle is 92 bps above the market.',
  block: 1,
  timestampSec: sec(1_700_000_000),
})

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A webhook that refuses its first `failures` requests. */
const aWebhook = async (failures: number) => {
  const received: { id: string; text: string }[] = []
  let left = failures
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const failing = left-- > 0
      if (!failing) received.push(JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(failing ? 500 : 200).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let round = 0; round < 200 && !holds(); round++)
    await new Promise((resolve) => setTimeout(resolve, 50))
  expect(holds()).toBe(true)
}

const redis = findRedisServer(process.env.PATH ?? '')

describe.each([
  { kind: 'embedded', path: '' },
  ...(redis ? [{ kind: 'redis-server', path: process.env.PATH ?? '' }] : []),
])('queue on $kind', ({ kind, path }) => {
  test('delivers an alert once for one key, through a failing webhook', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'bailiff-queue-'))
    closers.push(async () => rmSync(dataDir, { recursive: true, force: true }))
    const webhook = await aWebhook(2)
    const logged: Alert[] = []
    const failed: string[] = []
    const queued: string[] = []
    const give = (key: string, occasion: number) =>
      queue.alert({ id: `${key}:open:${occasion}`, alert: anAlert(key), isLogged: false })
    const queue = await startQueue({
      dataDir,
      path,
      webhook: webhook.url,
      signal: new AbortController().signal,
      onQueued: (id) => queued.push(id),
      onGivenUp: () => undefined,
      onLog: (alert) => logged.push(alert),
      onFailed: (_, reason) => failed.push(reason),
    })
    closers.push(queue.stop)
    expect(queue.kind).toBe(kind)
    give('divergence:ETH', 7)
    give('divergence:ETH', 7)
    await until(() => webhook.received.length > 0 && logged.length > 0)
    give('divergence:ETH', 7)
    give('divergence:BTC', 9)
    give('divergence:ETH', 12)
    await until(() => webhook.received.length > 2)
    expect(webhook.received.map(({ id }) => id)).toEqual([
      'divergence:ETH:open:7',
      'divergence:BTC:open:9',
      'divergence:ETH:open:12',
    ])
    await until(() => queued.length === 5)
    expect(logged).toHaveLength(3)
    expect(failed).toHaveLength(2)
    expect(failed[0]).toContain('500')
  })
})

test('a redis-server is on the path of this run, or the run says so', ({ skip }) => {
  if (!redis) skip('no redis-server on the path: the embedded store alone was tested')
  expect(redis).toContain('server')
})
