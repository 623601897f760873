import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeEntry, encodeEntry } from '../../bot/codec.ts'
import { journalHeader } from '../../bot/read-journal.ts'
import { replayJournal } from '../../bot/replay.ts'
import { InvariantError } from '../../core/errors.ts'
import type { Command, Entry } from '../../core/types/event.ts'
import type { Bundle } from '../../core/types/plan.ts'
import { aTick } from '../support/a-book.ts'
import { aSession, type Session } from '../support/a-session.ts'
import { anAccount, block, falls, operators, receipt, signed, synced } from '../support/a-story.ts'
import * as rooms from '../support/small-rooms.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-replay-'))
  file = join(folder, 'bot.journal')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const bundles = (commands: readonly Command[]): readonly Bundle[] =>
  commands.flatMap((command) => (command.type === 'sign' ? [command.bundle] : []))

/** Three accounts fall, two are signed for, one bundle misses. */
const story = ({ push, commands }: Session, from = 100): void => {
  push(operators([0, 0]), synced(from))
  push({ type: 'ticks', ticks: [aTick('kraken', 'ETH/USD', 1700)] })
  push(block(from + 1, [falls(anAccount(1)), falls(anAccount(2))]))
  push(signed(bundles(commands).at(-1)!))
  push(block(from + 2, [falls(anAccount(3))]))
  push(signed(bundles(commands).at(-1)!))
}
const lines = (): readonly Entry[] =>
  readFileSync(file, 'utf8').split('\n').slice(1, -1).map(decodeEntry)
const written = (entries: readonly Entry[]): void =>
  writeFileSync(file, `${[journalHeader, ...entries.map(encodeEntry)].join('\n')}\n`)

describe('a replay', () => {
  test('makes the same facts, byte for byte', () => {
    const session = aSession(file)
    story(session)
    session.close()
    const replay = replayJournal(file, rooms)
    expect(replay).toMatchObject({ mismatches: 0, unwritten: 0, sessions: 1, deaths: [] })
    expect(replay.events).toBe(8)
    expect(replay.facts).toBeGreaterThan(5)
    expect(replay.plans).toEqual(
      bundles(session.commands).flatMap(({ intents }) => intents.map(({ plan }) => plan)),
    )
  })

  test('goes through sessions with settings of their own, and with what was in flight between them', () => {
    const first = aSession(file)
    story(first)
    first.close()
    const second = aSession(file, { session: 'two', small: { bidBps: 9_000, order: 'last' } })
    second.push(operators([0, 0]), synced(102), receipt('9-small/1', 103))
    second.push(block(103, [falls(anAccount(5))]))
    second.close()
    const replay = replayJournal(file, rooms)
    expect(replay).toMatchObject({ mismatches: 0, unwritten: 0, sessions: 2 })
    expect(new Set(replay.plans.map(({ bidBps }) => bidBps))).toEqual(new Set([7_300, 9_000]))
  })

  test('finds the first fact that is another', () => {
    const session = aSession(file)
    story(session)
    session.close()
    const forged = lines().map((entry): Entry => {
      if (entry.fact?.type !== 'bundle' || entry.fact.bundle.targetBlock !== 103) return entry
      const { bundle } = entry.fact
      const intents = bundle.intents.map((intent) => ({ ...intent, nonce: intent.nonce + 1 }))
      return { ...entry, fact: { type: 'bundle', bundle: { ...bundle, intents } } }
    })
    written(forged)
    const { mismatches, firstDifference } = replayJournal(file, rooms)
    const seq = forged.find(
      ({ fact }) => fact?.type === 'bundle' && fact.bundle.targetBlock === 103,
    )?.seq
    expect(mismatches).toBe(1)
    expect(firstDifference?.seq).toBe(seq)
    expect(firstDifference?.journalled).toContain('"nonce":1')
    expect(firstDifference?.replayed).toContain('"nonce":0')
  })

  test('finds a fact that is missing, and one too many', () => {
    const session = aSession(file)
    story(session)
    session.close()
    const whole = lines()
    const at = whole.findIndex(({ fact }) => fact?.type === 'bundle')
    const renumbered = (entries: readonly Entry[]) =>
      entries.map((entry, i) => ({ ...entry, seq: i + 1 }))
    written(renumbered(whole.toSpliced(at, 1)))
    expect(replayJournal(file, rooms).mismatches).toBeGreaterThan(0)
    written(renumbered(whole.toSpliced(at, 0, whole[at]!)))
    expect(replayJournal(file, rooms).mismatches).toBeGreaterThan(0)
  })

  test('a session killed between an event and its facts replays with what was not written', () => {
    const session = aSession(file)
    story(session)
    session.close()
    const whole = lines()
    const last = whole.findLastIndex(({ fact }) => fact?.type === 'bundle')
    written(whole.slice(0, last))
    expect(replayJournal(file, rooms)).toMatchObject({ mismatches: 0, unwritten: 2 })
    const second = aSession(file, { session: 'two' })
    second.push(operators([0, 0]), synced(103))
    second.close()
    expect(replayJournal(file, rooms)).toMatchObject({ mismatches: 0, unwritten: 2, sessions: 2 })
  })

  test('an event that ended the loop ends it again', () => {
    const session = aSession(file)
    story(session)
    const breaking = { bundle: 'x', builder: 'x', block: 1, accepted: false, detail: 'invariant' }
    expect(() => session.push({ type: 'relay', answer: breaking })).toThrow(InvariantError)
    session.close()
    const replay = replayJournal(file, rooms)
    expect(replay).toMatchObject({ mismatches: 0, unwritten: 0 })
    expect(replay.deaths).toEqual([expect.stringContaining('Expect this error')])
  })
})
