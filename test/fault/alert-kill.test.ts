import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findRedisServer } from '../../bot/queue/redis-server.ts'
import { readJournal } from '../../bot/read-journal.ts'
import { type AlertKillOrder, alertCrashPoints } from '../support/alert-kill-order.ts'

const child = fileURLToPath(new URL('../support/alert-kill-child.ts', import.meta.url))
const blocks = 8

let folder: string
let url: string
let received: string[]
let close: () => Promise<unknown>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-alert-kill-'))
  received = []
  const server = createServer((request, response) => {
    received.push(String(request.headers['idempotency-key']))
    request.resume().on('end', () => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => new Promise((done) => server.close(done))
})
afterEach(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the bot until it dies or, where it is not to, until `isDone`. */
const run = (
  order: AlertKillOrder,
  isDone = () => false,
): Promise<NodeJS.Signals | number | null> =>
  new Promise((resolve, reject) => {
    const bot = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), child], {
      env: { ...process.env, ALERT_KILL_ORDER: JSON.stringify(order) },
      stdio: 'ignore',
    })
    const looking = setInterval(() => {
      if (!isDone()) return
      clearInterval(looking)
      bot.kill('SIGTERM')
    }, 200)
    bot.on('error', reject)
    bot.on('close', (code, signal) => {
      clearInterval(looking)
      resolve(signal ?? code)
    })
  })

/** What the journal says was told, as the sinks name it. */
const toldIn = (file: string): readonly string[] =>
  [...readJournal(file)].flatMap(({ seq, fact }) =>
    fact?.type === 'alert' ? [`${fact.alert.key}:${fact.alert.status}:${seq}`] : [],
  )

const redis = findRedisServer(process.env.PATH ?? '')

describe.each([
  { store: 'the embedded store', path: '' },
  ...(redis ? [{ store: 'redis-server', path: process.env.PATH ?? '' }] : []),
])('kill -9 amid alerts, on $store', ({ path }) => {
  test('whatever was journalled reaches the webhook, a second time only where it died', async () => {
    for (const [n, crashAt] of alertCrashPoints.entries()) {
      const order = { folder, webhook: url, path, session: crashAt, fromBlock: 100 + n * blocks }
      expect(await run({ ...order, blocks, crashAt }), crashAt).toBe('SIGKILL')
    }
    const before = toldIn(join(folder, 'bot.journal'))
    const fromBlock = 100 + alertCrashPoints.length * blocks
    const last = { folder, webhook: url, path, session: 'last', fromBlock, blocks }
    const expected = before.length + blocks
    expect(await run(last, () => new Set(received).size >= expected)).toBe(0)
    const told = toldIn(join(folder, 'bot.journal'))
    expect(told.length).toBeGreaterThan(blocks + alertCrashPoints.length)
    expect([...new Set(received)].toSorted()).toEqual(told.toSorted())
    expect(received.length - told.length).toBeLessThanOrEqual(alertCrashPoints.length)
  }, 120_000)
})
