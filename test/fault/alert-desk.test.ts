import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAlertDesk } from '../../bot/alert-desk.ts'
import type { Alert } from '../../core/types/event.ts'
import { sec } from '../../core/units.ts'
import { eventually } from '../support/a-websocket-server.ts'

const anAlert = (text: string): Alert => ({
  key: 'divergence:ETH',
  severity: 'warning',
  status: 'open',
  kind: 'divergence/lag',
  text,
  block: 1,
  timestampSec: sec(1_700_000_000),
})

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'bailiff-desk-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const aDesk = (redisUrl?: string) => {
  const lines: string[] = []
  const queued: number[] = []
  const log = (text: string): void => void lines.push(text)
  const desk = createAlertDesk(
    { dataDir, redisUrl, path: '', onQueued: (entry) => queued.push(entry) },
    { info: log, warn: log, error: log },
  )
  return {
    desk,
    lines,
    queued,
    has: (text: string) => lines.filter((l) => l.includes(text)).length,
  }
}

describe('the alert desk', () => {
  test('confirms by the journal entry what the queue has, and writes each alert once', async () => {
    const { desk, queued, has } = aDesk()
    desk.raise(anAlert('before the queue was there'), 7)
    desk.open()
    await eventually(() => queued.includes(7), 'the confirmation', 20_000)
    desk.raise(anAlert('with the queue'), 9)
    await eventually(() => queued.includes(9) && has('with the queue') > 0, 'both', 20_000)
    await desk.stop()
    expect([has('before the queue was there'), has('with the queue')]).toEqual([1, 1])
  }, 60_000)

  test('without Redis: the log has the alert at once, nothing is confirmed, and stop is short', async () => {
    const { desk, queued, has } = aDesk('redis://127.0.0.1:1')
    desk.open()
    desk.raise(anAlert('nobody home'), 7)
    expect(has('nobody home')).toBe(1)
    const beganMs = performance.now()
    await desk.stop()
    expect(performance.now() - beganMs).toBeLessThan(6_000)
    expect(queued).toEqual([])
    expect(has('1 alerts did not reach the queue')).toBe(1)
  }, 30_000)
})
