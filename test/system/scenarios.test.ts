import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Report } from '../../bin/report.ts'
import { readJournal } from '../../bot/read-journal.ts'
import { aScenarioFile } from '../support/a-scenario-file.ts'
import { runBailiff } from '../support/run-bailiff.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-system-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A webhook that takes everything and remembers it. */
const aWebhook = async () => {
  const received: { readonly id: string; readonly status: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      received.push(JSON.parse(body))
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received, close: () => server.close() }
}

const minutes = 60_000
const reportOf = (stdout: string): Report => JSON.parse(stdout.trimEnd().split('\n').at(-1)!)

describe('crash', () => {
  test(
    'the demo liquidates behind the oracle, and its journal replays byte for byte',
    async () => {
      const dataDir = join(folder, 'crash')
      const webhook = await aWebhook()
      const { code, stdout, stderr } = await runBailiff(
        ['demo', '--once', '--json', '--data-dir', dataDir],
        { timeoutMs: 4 * minutes, env: { BAILIFF_WEBHOOK: webhook.url } },
      )
      webhook.close()
      expect(code, stderr).toBe(0)
      const report = reportOf(stdout)
      expect(report.failed).toEqual([])
      expect(report.scenario).toBe('crash')

      const backruns = report.liquidations.filter(
        ({ oracleTxIndex }) => oracleTxIndex !== undefined,
      )
      expect(backruns.length).toBeGreaterThanOrEqual(10)
      expect(
        new Set(backruns.map(({ includedBlock }) => includedBlock)).size,
      ).toBeGreaterThanOrEqual(3)
      expect(report.alerts[0]!.atMs).toBeLessThan(
        report.oracleUpdates.find(({ asset }) => asset === 'ETH')!.pendingAtMs,
      )
      expect(report.firstLiquidationMs).toBeLessThan(60_000)
      expect(report.capturedOverBruteForce).toBeGreaterThanOrEqual(0.95)
      // What is kept after bids and gas, on the sums of the chain and on those of the report's own rows.
      expect(report.netOverBruteForce).toBeLessThan(report.capturedOverBruteForce!)
      const updated = new Set(report.bruteForce.byBlock.map(({ block }) => block))
      const beforeGasWei = report.liquidations
        .filter(({ includedBlock }) => updated.has(includedBlock))
        .reduce((sum, { profitWei, bidWei }) => sum + BigInt(profitWei) - BigInt(bidWei), 0n)
      expect(BigInt(report.bruteForce.keptWei)).toBeGreaterThan(0n)
      expect(BigInt(report.bruteForce.keptWei)).toBeLessThan(beforeGasWei)
      // By number it leaves more: what pays little more than its gas leaves less than a dollar after the bid.
      expect(report.bruteForce.taken / report.bruteForce.positions).toBeGreaterThanOrEqual(0.9)
      expect(report.profit).toEqual(report.treasuryDelta)
      // Each alert reached the webhook once.
      const opened = webhook.received.filter(({ status }) => status === 'open')
      expect(opened).toHaveLength(report.alerts.length)
      expect(new Set(webhook.received.map(({ id }) => id)).size).toBe(webhook.received.length)
      expect(report.stranded).toEqual({})
      expect(report.reverts).toBe(0)
      const planned = report.liquidations.filter(({ parentAsPlanned }) => parentAsPlanned)
      expect(planned.length).toBeGreaterThanOrEqual(10)
      for (const { plannedProfitWei, profitWei } of planned)
        expect(profitWei).toBe(plannedProfitWei)

      const plans = join(folder, 'plans.jsonl')
      const replay = await runBailiff([
        'replay',
        join(dataDir, 'bailiff.journal'),
        '--json',
        '--plans',
        plans,
      ])
      expect(replay.code, replay.stderr).toBe(0)
      const compared = JSON.parse(replay.stdout)
      expect(compared.mismatches).toBe(0)
      expect(compared.plans).toBeGreaterThan(0)
      expect(readFileSync(plans, 'utf8').trimEnd().split('\n')).toHaveLength(compared.plans)
    },
    6 * minutes,
  )

  test(
    'without strategies it fails its expectations',
    async () => {
      const config = join(folder, 'disabled.yaml')
      const shipped = readFileSync(new URL('../../config/sandbox.yaml', import.meta.url), 'utf8')
      writeFileSync(config, shipped.replaceAll('enabled: true', 'enabled: false'))
      const file = aScenarioFile(folder, 'crash', { 'count: 300': 'count: 100' })
      const { code, stdout, stderr } = await runBailiff(
        ['scenario', 'run', file, '--config', config, '--json'],
        { timeoutMs: 4 * minutes },
      )
      expect(code, stderr).toBe(1)
      const report = reportOf(stdout)
      expect(report.failed).toContain('liquidations: expected at least 10, found 0')
      expect(report.capturedOverBruteForce).toBe(0)
      expect(report.bundles.sent).toBe(0)
      expect(report.bruteForce.positions).toBeGreaterThan(20)
    },
    6 * minutes,
  )

  test(
    'a builder that answers 500 and one that includes nothing cost blocks and nothing else',
    async () => {
      const file = aScenarioFile(folder, 'crash', {
        'count: 300': 'count: 100',
        'lengthSec: 600': 'lengthSec: 324',
        'shape: flashbots, weight: 1 }': 'shape: flashbots, weight: 1, failStatus: 500 }',
        'shape: titan, weight: 2 }': 'shape: titan, weight: 1, ignore: true }',
        'backruns: { min: 10, updates: 3 }': 'backruns: { min: 1, updates: 1 }',
        'capturedOverBruteForce: { min: 0.95 }': 'capturedOverBruteForce: { min: 0 }',
        'netOverBruteForce: { atLeast: 0.23 }': 'netOverBruteForce: { atLeast: 0 }',
      })
      const dataDir = join(folder, 'broken-relay')
      const { code, stdout, stderr } = await runBailiff(
        ['scenario', 'run', file, '--json', '--data-dir', dataDir],
        { timeoutMs: 4 * minutes },
      )
      expect(code, `${stderr}${stdout}`).toBe(0)
      const report = reportOf(stdout)
      expect(report.bundles.missed).toBeGreaterThan(0)
      expect(report.liquidations.length).toBeGreaterThan(10)
      expect(report.reverts).toBe(0)
      const answers = [...readJournal(join(dataDir, 'bailiff.journal'))].flatMap(({ event }) =>
        event?.type === 'relay' ? [event.answer] : [],
      )
      const refused = answers.filter(({ accepted }) => !accepted)
      expect(new Set(refused.map(({ builder }) => builder))).toEqual(new Set(['flashbots']))
      expect(refused.some(({ detail }) => detail.includes('500'))).toBe(true)
    },
    6 * minutes,
  )
})

test(
  'calm: no alert, no bundle',
  async () => {
    const { code, stdout, stderr } = await runBailiff(['scenario', 'run', 'calm', '--json'], {
      timeoutMs: 3 * minutes,
    })
    expect(code, stderr).toBe(0)
    const report = reportOf(stdout)
    expect(report.alerts).toEqual([])
    expect(report.bundles).toEqual({ sent: 0, included: 0, missed: 0, expired: 0 })
    expect(report.oracleUpdates).toBeDefined()
  },
  4 * minutes,
)
