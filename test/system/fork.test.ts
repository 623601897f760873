import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAbi } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../bin/report.ts'
import { loadScenario } from '../../sandbox/load-scenario.ts'
import { aScenarioFile } from '../support/a-scenario-file.ts'
import { aWorld, type World } from '../support/a-world.ts'
import { runBailiff } from '../support/run-bailiff.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-fork-'))
const poolAbi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256, uint256, uint256, uint256, uint256, uint256)',
])
const crash = loadScenario('crash')
const later = 6

let parent: World
beforeAll(async () => {
  parent = await aWorld(crash)
  for (let block = 0; block < later; block++)
    await parent.anvil.rpc.call('evm_mine', [crash.chain.startSec + 12 * block])
})
afterAll(async () => {
  await parent?.anvil.stop()
  rmSync(folder, { recursive: true, force: true })
})

const accountOf = (address: `0x${string}`) =>
  parent.client.readContract({
    address: parent.deployed.addresses.pool,
    abi: poolAbi,
    functionName: 'getUserAccountData',
    args: [address],
  })

const forkOf = (args: readonly string[], onStderr: (text: string) => void = () => undefined) =>
  runBailiff(['fork', '--url', parent.anvil.httpUrl, '--once', '--json', ...args], {
    timeoutMs: 120_000,
    onStderr,
  })

/** Moves a feed by hand once the fork plays. */
const movesByHand = (asset: string, usd: number): ((text: string) => void) => {
  let moved = false
  return (text) => {
    const url = /node is at (\S+)[\s\S]*playing/.exec(text)?.[1]
    if (url === undefined || moved) return
    moved = true
    const body = JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'bailiff_setPrice', params: [asset, usd] },
    })
    const headers = { 'content-type': 'application/json' }
    void fetch(url, { method: 'POST', headers, body })
  }
}

test('a scenario plays on a fork at a past block, and leaves the chain that it forked alone', async () => {
  const head = await parent.client.getBlock()
  const before = await Promise.all(
    parent.deployed.borrowers.map(({ address }) => accountOf(address)),
  )
  const scenario = aScenarioFile(folder, 'crash', { 'lengthSec: 600': 'lengthSec: 312' })
  const { stdout, stderr } = await forkOf(
    [
      '--block',
      String(head.number - 3n),
      '--scenario',
      scenario,
      '--data-dir',
      join(folder, 'data'),
    ],
    movesByHand('USDT', 1.0005),
  )
  const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as Report
  expect(stderr).toContain('forking the chain')
  const backruns = report.liquidations.filter(({ oracleTxIndex }) => oracleTxIndex !== undefined)
  expect(backruns.length).toBeGreaterThan(10)
  // Whoever was closed is a borrower of the chain that was forked.
  const borrowers = new Set(parent.deployed.borrowers.map(({ address }) => address.toLowerCase()))
  expect(backruns.every(({ id }) => borrowers.has(id.slice(-42).toLowerCase()))).toBe(true)
  expect(Math.min(...backruns.map(({ includedBlock }) => includedBlock))).toBeGreaterThan(
    Number(head.number) - 3,
  )
  expect([report.reverts, report.stranded]).toEqual([0, {}])
  expect(report.profit).toEqual(report.treasuryDelta)
  expect(report.alerts.some(({ kind }) => kind === 'divergence/lag')).toBe(true)

  const byHand = report.oracleUpdates.find(({ asset }) => asset === 'USDT')
  expect(byHand?.answer).toBe('1.0005')

  expect((await parent.client.getBlock()).hash).toBe(head.hash)
  const after = await Promise.all(
    parent.deployed.borrowers.map(({ address }) => accountOf(address)),
  )
  expect(after).toEqual(before)
}, 150_000)

test('a block that the node does not have is refused', async () => {
  const { code, stderr } = await forkOf(['--block', '99999999'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('does not know block 99999999')])
}, 60_000)

test('a node that does not answer, and one of another chain', async () => {
  const dead = await runBailiff(['fork', '--url', 'http://127.0.0.1:9/secret', '--once'])
  expect([dead.code, dead.stderr]).toEqual([1, expect.stringContaining('http://127.0.0.1:9')])
  expect(dead.stderr).not.toContain('secret')
  const malformed = await runBailiff(['fork', '--url', 'ftp://nowhere', '--once'])
  expect([malformed.code, malformed.stderr]).toEqual([2, expect.stringContaining('http')])
}, 60_000)
