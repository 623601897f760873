import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readChainRecord } from '../../sandbox/chain-record.ts'
import type { Scenario } from '../../sandbox/scenario.ts'
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts'
import { aScenario } from '../support/a-scenario.ts'

const base = aScenario()
const oracle = base.oracles.ETH!

/** Ether is reported late, bitcoin and LINK in private and in one block, USDC as usual; one builder refuses all. */
const scenario: Scenario = {
  ...base,
  lengthSec: 72,
  positions: { ...base.positions, count: 0 },
  chain: { ...base.chain, compression: 24 },
  oracles: {
    ...base.oracles,
    ETH: {
      ...oracle,
      leadSec: 2,
      answers: [
        [0, 1700],
        [24, 1690],
      ],
    },
    BTC: {
      ...oracle,
      visibility: 'private',
      answers: [
        [0, 28_000],
        [36, 27_900],
      ],
    },
    LINK: {
      ...oracle,
      visibility: 'private',
      leadSec: 3,
      answers: [
        [0, 6.6],
        [36, 6.5],
        [60, 6.4],
      ],
    },
    USDC: {
      ...oracle,
      answers: [
        [0, 1],
        [24, 1.001],
      ],
    },
  },
  relays: base.relays.map((relay) =>
    relay.shape === 'titan' ? { ...relay, failStatus: 500, weight: 0 } : relay,
  ),
}
const { startSec, blockTimeSec, firstBlock } = scenario.chain

let sandbox: Sandbox
let record: Awaited<ReturnType<typeof readChainRecord>>
const lines: string[] = []
/** When the public mempool first had what, in seconds of the scenario. */
const seenSec = new Map<string, number>()

beforeAll(async () => {
  sandbox = await startSandbox({ scenario, log: (line) => lines.push(line), step: () => undefined })
  const { node, clock, producer } = sandbox
  node.mempool.onPending(({ hash }) => seenSec.set(hash, clock.now() / 1000 - startSec))
  sandbox.begin()
  await clock.sleepUntil((startSec + scenario.lengthSec + 1) * 1000, new AbortController().signal)
  await producer.stop()
  record = await readChainRecord(sandbox.anvil.rpc, sandbox.deployed, firstBlock)
})
afterAll(() => sandbox?.stop())

const updatesOf = (asset: string) =>
  record.updates
    .filter((update) => update.asset === asset)
    .map(({ answerRaw, block, txHash }) => ({
      usd: Number(answerRaw) / 1e8,
      sec: (block - firstBlock) * blockTimeSec,
      seenSec: seenSec.get(txHash),
    }))

describe('visibility', () => {
  test('a late report is in the mempool so long before its block, not longer, and stands in it', () => {
    const [report, ...more] = updatesOf('ETH')
    expect(more).toEqual([])
    expect(report).toMatchObject({ usd: 1690, sec: 24 })
    expect(report!.seenSec).toBeGreaterThanOrEqual(22)
    expect(report!.seenSec).toBeLessThan(24)
  })

  test('one without a lead of its own is there more than half a block before', () => {
    const [report] = updatesOf('USDC')
    expect(report).toMatchObject({ usd: 1.001, sec: 24 })
    expect(report!.seenSec).toBeLessThan(18)
  })

  test('what is private lands in its block and is never in the mempool', () => {
    expect(updatesOf('BTC')).toEqual([{ usd: 27_900, sec: 36, seenSec: undefined }])
    expect(updatesOf('LINK')).toEqual([
      { usd: 6.5, sec: 36, seenSec: undefined },
      { usd: 6.4, sec: 60, seenSec: undefined },
    ])
    const said = sandbox.oracle.sent.map(({ asset, visibility }) => [asset, visibility])
    expect(new Set(said.map(String))).toEqual(
      new Set(['ETH,public', 'USDC,public', 'BTC,private', 'LINK,private']),
    )
  })

  test('nobody complained', () => {
    expect(sandbox.producer.mismatches).toEqual([])
    expect(lines.filter((line) => line.startsWith('oracle:'))).toEqual([])
  })
})
