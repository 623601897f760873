import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loopSettings } from '../../bench/loop-settings.ts'
import { fullTape, tape } from '../../bench/tape.ts'
import { createLoopEngine } from '../../bot/create-loop-engine.ts'
import { createIntents } from '../../bot/intents.ts'
import { createJournaledLoop } from '../../bot/journaled-loop.ts'
import { recover } from '../../bot/recover.ts'
import { type Replay, replayJournal } from '../../bot/replay.ts'
import type { Command } from '../../core/types/event.ts'
import { ms } from '../../core/units.ts'
import { receipt, signed } from '../support/a-story.ts'

const shape = { ...fullTape, minutes: 1, accounts: 600, flips: 40 }

let folder: string
let commands: readonly Command[]
let replay: Replay
let bytesPerTick: number

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-rooms-'))
  const file = join(folder, 'bot.journal')
  const { journal, memory } = recover(file, () => {})
  const settings = loopSettings('genuine')
  const emitted: Command[] = []
  let nowMs = shape.startMs
  const loop = createJournaledLoop({
    engine: createLoopEngine(settings, createIntents(memory)),
    journal,
    now: () => ms(nowMs),
    emit: (command) => emitted.push(command),
    log: () => {},
  })
  loop.handle({ type: 'start', session: settings.session, settings })
  let syncedBytes = 0
  let answered = 0
  for (const { atMs, event } of tape(shape)) {
    nowMs = atMs
    loop.handle(event)
    if (event.type === 'synced') {
      loop.flush()
      syncedBytes = journal.bytes
    }
    for (const command of emitted.slice(answered)) {
      if (command.type !== 'sign') continue
      loop.handle(signed(command.bundle))
      for (const { id, deadlineBlock } of command.bundle.intents.slice(1)) {
        loop.handle(receipt(id, deadlineBlock))
      }
    }
    answered = emitted.length
  }
  journal.close()
  commands = emitted
  bytesPerTick = (journal.bytes - syncedBytes) / (shape.ticksPerSec * 60 * shape.minutes)
  replay = replayJournal(file)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a minute of the genuine rooms', () => {
  test('plans what falls, and replays byte for byte', () => {
    expect(replay.plans.length).toBeGreaterThan(0)
    expect(replay.plans).toEqual(
      commands.flatMap((command) =>
        command.type === 'sign' ? command.bundle.intents.map(({ plan }) => plan) : [],
      ),
    )
    expect(replay).toMatchObject({ mismatches: 0, unwritten: 0, deaths: [], sessions: 1 })
    expect(
      new Set(replay.plans.flatMap(({ items }) => items.map((item) => item.position))).size,
    ).toBe(shape.flips)
  })

  test('takes less than 55 bytes a tick, all included', () => {
    expect(bytesPerTick).toBeLessThan(55)
  })
})
