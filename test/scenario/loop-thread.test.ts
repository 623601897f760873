import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEventPost } from '../../bot/event-post.ts'
import { type Loop, startLoop } from '../../bot/loop.ts'
import { readJournal } from '../../bot/read-journal.ts'
import { replayJournal } from '../../bot/replay.ts'
import { type BailiffError, ConfigError, InvariantError } from '../../core/errors.ts'
import type { Command, Entry, Fact } from '../../core/types/event.ts'
import { aTick } from '../support/a-book.ts'
import { anAccount, block, falls, operators, signed, synced } from '../support/a-story.ts'
import * as rooms from '../support/small-rooms.ts'

let folder: string
let file: string
let loop: Loop | undefined
let commands: Command[]
let facts: Fact[]
let fatal: BailiffError[]
let logs: string[]

const started = async (session = 'one'): Promise<Loop> => {
  loop = await startLoop({
    settings: rooms.smallSettings({ session }),
    journalFile: file,
    engineFile: new URL('../support/small-rooms.ts', import.meta.url).href,
    onCommand: (command) => commands.push(command),
    onFact: (fact) => facts.push(fact),
    onFatal: (error) => fatal.push(error),
    log: (level, text) => logs.push(`${level}: ${text}`),
  })
  return loop
}
const until = async (holds: () => boolean): Promise<void> => {
  await expect.poll(holds, { timeout: 10_000, interval: 5 }).toBe(true)
}
const typesOf = (all: readonly { readonly type: string }[]) => all.map(({ type }) => type)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-loop-'))
  file = join(folder, 'bot.journal')
  commands = []
  facts = []
  fatal = []
  logs = []
})
afterEach(async () => {
  await loop?.stop()
  loop = undefined
  rmSync(folder, { recursive: true, force: true })
})

describe('the loop in its own thread', () => {
  test('takes events and gives commands; the journal holds what led to them', async () => {
    const { push, stop } = await started()
    push(operators([0, 0]))
    push(synced(100))
    push({ type: 'ticks', ticks: [aTick('kraken', 'ETH/USD', 1_700)] })
    push(block(101, [falls(anAccount(1))]))
    await until(() => typesOf(commands).includes('sign'))
    const sign = commands.find((command) => command.type === 'sign')!
    expect([...readJournal(file)].map(({ fact }) => fact?.type)).toContain('bundle')
    if (sign.type === 'sign') push(signed(sign.bundle))
    await until(() => typesOf(commands).includes('send'))
    await stop()
    expect(typesOf(facts)).toEqual(['bundle'])
    expect(existsSync(`${file}.lock`)).toBe(false)
    expect(loop?.stats()).toMatchObject({ pushed: 5, handled: 5, ticks: 1, isHalted: false })
    expect(loop?.stats().lag.count).toBe(5)
    expect(replayJournal(file, rooms)).toMatchObject({ mismatches: 0, unwritten: 0 })
    expect(fatal).toEqual([])
  })

  test('ticks pushed together become one event, the latest of each pair', async () => {
    const { push, stop } = await started()
    for (let i = 0; i < 200; i++) {
      push({ type: 'ticks', ticks: [aTick('kraken', i % 2 ? 'ETH/USD' : 'BTC/USD', i)] })
    }
    push({ type: 'timer' })
    await stop()
    const ticks = [...readJournal(file)].flatMap(({ event }: Entry) =>
      event?.type === 'ticks' ? [event.ticks] : [],
    )
    expect(ticks.length).toBeLessThan(50)
    expect(ticks.at(-1)!.every(({ pair, bid }) => bid > (pair === 'ETH/USD' ? 198 : 197))).toBe(
      true,
    )
  })

  test('another thread may push through a door of its own', async () => {
    const { door, stop, stats } = await started()
    const port = door()
    const { push } = createEventPost(port)
    for (const usd of [1_700, 1_701, 1_702]) {
      push({ type: 'ticks', ticks: [aTick('kraken', 'ETH/USD', usd)] })
      push({ type: 'timer' })
    }
    await until(() => stats().handled === 6)
    port.close()
    await stop()
    const bids = [...readJournal(file)].flatMap(({ event }: Entry) =>
      event?.type === 'ticks' ? event.ticks.map(({ bid }) => Math.round(bid)) : [],
    )
    expect(bids).toEqual([1_700, 1_701, 1_702])
  })

  test('what an earlier session left open is told at the start', async () => {
    const first = await started()
    first.push(operators([0]))
    first.push(synced(100))
    first.push(block(101, [falls(anAccount(1))]))
    await until(() => typesOf(commands).includes('sign'))
    await first.stop()
    const second = await started('two')
    expect(second.unsettled).toMatchObject([
      { intent: { nonce: 0, deadlineBlock: 102 }, signed: undefined },
    ])
  })

  test('error: ConfigError when another loop holds the journal', async () => {
    await started()
    const held = loop!
    await expect(started('two')).rejects.toThrow(ConfigError)
    loop = held
  })

  test('error: InvariantError is fatal, told once, and replays', async () => {
    const { push } = await started()
    push(synced(100))
    const answer = { bundle: 'x', builder: 'x', block: 1, accepted: false, detail: 'invariant' }
    push({ type: 'relay', answer })
    await until(() => fatal.length > 0)
    push({ type: 'timer' })
    expect(fatal).toEqual([expect.any(InvariantError)])
    expect(fatal[0]!.code).toBe('SMALL_STRATEGY_BREAKS')
    expect(logs).toEqual([expect.stringContaining('ends on a "relay" event')])
    expect(replayJournal(file, rooms).deaths).toHaveLength(1)
  })
})
