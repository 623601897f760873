import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readJournal } from '../../bot/read-journal.ts'
import { replayJournal } from '../../bot/replay.ts'
import { type CrashPoint, crashPoints, type KillOrder, type SentTx } from '../support/kill-order.ts'
import * as rooms from '../support/small-rooms.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-kill-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface End {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly stderr: string
}

const child = fileURLToPath(new URL('../support/kill-child.ts', import.meta.url))

const run = (order: KillOrder): Promise<End> =>
  new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), child], {
      env: { ...process.env, KILL_ORDER: JSON.stringify(order) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    process_.stderr.on('data', (data) => {
      stderr += data
    })
    process_.on('error', reject)
    process_.on('close', (code, signal) => resolve({ code, signal, stderr }))
  })

const sentTxs = (): readonly SentTx[] =>
  readFileSync(join(folder, 'sent.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SentTx)

/** Pairs of transactions that could both land for one position, or two different ones of one nonce and block. */
const doubles = (sent: readonly SentTx[]): readonly string[] =>
  sent.flatMap((a, i) =>
    sent.slice(i + 1).flatMap((b) => {
      const samePosition = a.positions.some((position) => b.positions.includes(position))
      const sameNonce = a.operator === b.operator && a.nonce === b.nonce
      const bothCanLand = a.targetBlock >= b.targetBlock || b.head < a.targetBlock
      const second = samePosition && bothCanLand && a.intent !== b.intent
      const resigned = sameNonce && a.targetBlock === b.targetBlock && a.txHash !== b.txHash
      const repeated = a.intent === b.intent
      return second || resigned || repeated ? [`${a.intent} and ${b.intent}`] : []
    }),
  )

describe('kill -9 in the middle, and a restart with other parameters', () => {
  test.each(crashPoints)(
    'at "%s", three times: no position has a second nonce that can land',
    async (point: CrashPoint) => {
      for (const [n, crashCount] of [1, 4, 2].entries()) {
        const small = { bidBps: 7_000 + n * 100, order: n % 2 === 0 ? 'first' : 'last' } as const
        const end = await run({
          folder,
          session: `${point}-${n}`,
          small,
          blocks: 60,
          crashAt: point,
          crashCount,
        })
        expect(end).toMatchObject({ signal: 'SIGKILL' })
      }
      const last = await run({
        folder,
        session: 'last',
        small: { bidBps: 9_000, order: 'first' },
        blocks: 10,
      })
      expect(last).toMatchObject({ code: 0 })

      const file = join(folder, 'bot.journal')
      const sent = sentTxs()
      expect(sent.length).toBeGreaterThan(5)
      expect(doubles(sent)).toEqual([])
      const journalled = [...readJournal(file)].flatMap(({ fact }) =>
        fact?.type === 'bundle'
          ? fact.bundle.intents.map(({ id, operator, nonce }) => `${id} ${operator} ${nonce}`)
          : [],
      )
      for (const { intent, operator, nonce } of sent) {
        expect(journalled).toContain(`${intent} ${operator} ${nonce}`)
      }
      expect(replayJournal(file, rooms)).toMatchObject({ sessions: 4, mismatches: 0, deaths: [] })
    },
    60_000,
  )

  test('the check itself finds a second nonce, a second signature and a repetition', () => {
    const tx = (changes: Partial<SentTx>): SentTx => ({
      session: 'x',
      intent: 'a',
      operator: '0xb0b',
      nonce: 1,
      targetBlock: 10,
      positions: ['alice'],
      txHash: '0x1',
      head: 9,
      ...changes,
    })
    expect(doubles([tx({}), tx({ intent: 'b', nonce: 2 })])).toHaveLength(1)
    expect(doubles([tx({}), tx({ intent: 'b', positions: ['alma'], txHash: '0x2' })])).toHaveLength(
      1,
    )
    expect(doubles([tx({}), tx({})])).toHaveLength(1)
    expect(doubles([tx({}), tx({ intent: 'b', nonce: 2, targetBlock: 11, head: 10 })])).toEqual([])
  })
})
