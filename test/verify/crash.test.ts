import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../../bin/report.ts'
import { aScenarioFile } from '../support/a-scenario-file.ts'
import { runBailiff } from '../support/run-bailiff.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-verify-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const reportOf = (stdout: string): Report => JSON.parse(stdout.trimEnd().split('\n').at(-1)!)

test.each([20_230_817, 1, 2, 3])(
  'crash with seed %i lives up to its expectations',
  async (seed) => {
    const file = aScenarioFile(folder, 'crash', { 'seed: 20230817': `seed: ${seed}` })
    const { code, stdout, stderr } = await runBailiff(['scenario', 'run', file, '--json'], {
      timeoutMs: 600_000,
    })
    expect(code, `${stderr}${stdout}`).toBe(0)
    const { bruteForce } = reportOf(stdout)
    expect(bruteForce.taken / bruteForce.positions).toBeGreaterThanOrEqual(0.95)
  },
)

test('the whole crash without strategies fails its expectations', async () => {
  const config = join(folder, 'disabled.yaml')
  const shipped = readFileSync(new URL('../../config/sandbox.yaml', import.meta.url), 'utf8')
  writeFileSync(config, shipped.replaceAll('enabled: true', 'enabled: false'))
  const { code, stdout } = await runBailiff(
    ['scenario', 'run', 'crash', '--config', config, '--json'],
    { timeoutMs: 600_000 },
  )
  expect(code).toBe(1)
  expect(reportOf(stdout).capturedOverBruteForce).toBe(0)
})
