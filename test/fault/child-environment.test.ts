import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findRedisServer, startRedisServer } from '../../bot/queue/redis-server.ts'

const redis = findRedisServer(process.env.PATH ?? '')

test('no key of ours is in the environment of redis-server and its guard', async ({ skip }) => {
  if (redis === undefined || process.platform !== 'linux') {
    skip('needs a redis-server on the path and /proc')
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-env-'))
  process.env.BAILIFF_OPERATOR_KEYS = 'canary'
  const server = await startRedisServer(redis, folder)
  try {
    const children = execFileSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8' })
    const environments = children
      .trim()
      .split('\n')
      .flatMap((pid) => {
        try {
          const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
          return [{ name, text: readFileSync(`/proc/${pid}/environ`, 'utf8') }]
        } catch {
          return []
        }
      })
      .filter(({ name }) => /redis|valkey|^sh$/.test(name))
    expect(environments.length).toBeGreaterThanOrEqual(2)
    for (const { text } of environments) expect(text).not.toContain('canary')
  } finally {
    delete process.env.BAILIFF_OPERATOR_KEYS
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('an empty part of the path is not the folder that we are in', () => {
  expect(findRedisServer('')).toBeUndefined()
  expect(findRedisServer('::')).toBeUndefined()
})
