import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Journal, openJournal } from '../../bot/journal.ts'
import { readJournal } from '../../bot/read-journal.ts'
import { ConfigError, InvariantError, TransientError } from '../../core/errors.ts'
import type { Entry } from '../../core/types/event.ts'

let folder: string
let file: string
let warnings: string[]
let recalled: Entry[]
let open: Journal | undefined

const opened = (): Journal => {
  warnings = []
  recalled = []
  open = openJournal({
    file,
    recall: (entry) => recalled.push(entry),
    warn: (text) => warnings.push(text),
  })
  return open
}
const settled = (seq: number): Entry => ({
  seq,
  atMs: seq * 10,
  fact: { type: 'settled', intent: `i${seq}`, outcome: 'missed' },
})
const written = (count: number): void => {
  const journal = opened()
  for (let seq = 1; seq <= count; seq++) journal.append(settled(seq))
  journal.close()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailiff-journal-'))
  file = join(folder, 'deep', 'bot.journal')
})
afterEach(() => {
  open?.close()
  open = undefined
  rmSync(folder, { recursive: true, force: true })
})

describe('a journal', () => {
  test('is read as it was written, and goes on where it stopped', () => {
    written(3)
    const journal = opened()
    expect(recalled).toEqual([settled(1), settled(2), settled(3)])
    expect([journal.lastSeq, journal.lastAtMs]).toEqual([3, 30])
    journal.append(settled(4))
    journal.close()
    expect([...readJournal(file)]).toEqual([1, 2, 3, 4].map(settled))
    expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('remembers until it is flushed, and shows nothing before', () => {
    const journal = opened()
    journal.append(settled(1))
    expect(statSync(file).size).toBe(0)
    journal.flush()
    expect([...readJournal(file)]).toEqual([settled(1)])
  })

  test('error: InvariantError on a gap', () => {
    const journal = opened()
    journal.append(settled(1))
    expect(() => journal.append(settled(3))).toThrow(InvariantError)
  })
})

describe('damage', () => {
  test('a torn last line is cut with a warning', () => {
    written(3)
    const whole = readFileSync(file)
    for (const torn of [1, 5, 20]) {
      writeFileSync(file, whole.subarray(0, whole.length - torn))
      opened().close()
      expect(warnings).toHaveLength(1)
      expect(recalled).toEqual([settled(1), settled(2)])
    }
    expect([...readJournal(file)]).toEqual([settled(1), settled(2)])
  })

  test('a file of zeros behind the last line, as a crash of the machine leaves, is cut too', () => {
    written(2)
    appendFileSync(file, Buffer.alloc(4096))
    opened().close()
    expect(warnings).toEqual([expect.stringContaining('Cut 4096 bytes')])
    expect(recalled).toEqual([settled(1), settled(2)])
  })

  test('a flipped byte anywhere in a whole line refuses to start, and says where', () => {
    written(3)
    const whole = readFileSync(file)
    const first = whole.indexOf('\n') + 1
    for (const at of [first, first + 8, first + 30, whole.length - 3]) {
      const flipped = Buffer.from(whole)
      flipped[at] = flipped[at]! ^ 1
      writeFileSync(file, flipped)
      expect(() => opened()).toThrow(ConfigError)
      expect(() => opened()).toThrow(/Restore .* line \d at byte \d+ is damaged/)
    }
    writeFileSync(file, whole)
    opened()
  })

  test('a line taken out of the middle refuses to start', () => {
    written(3)
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, [lines[0], lines[1], lines[3], ''].join('\n'))
    expect(() => opened()).toThrow(/entry 3 follows 1/)
  })

  test('another version refuses to start', () => {
    written(1)
    writeFileSync(file, readFileSync(file, 'utf8').replace('journal 1', 'journal 9'))
    expect(() => opened()).toThrow(/begins with "bailiff-journal 9"/)
  })

  test.skipIf(process.getuid?.() === 0)('a file that is read-only refuses to start', () => {
    written(1)
    chmodSync(file, 0o400)
    expect(() => opened()).toThrow(ConfigError)
  })
})

describe('the lock', () => {
  test('a second writer refuses to start, in this process or another', () => {
    opened()
    expect(() => openJournal({ file, recall: () => {}, warn: () => {} })).toThrow(
      /Stop process \d+/,
    )
  })

  test('of a holder that is gone is taken over; that of another host stands', () => {
    opened().close()
    const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'])
    const holder = (changes: object) => {
      opened()
      const lock = JSON.parse(readFileSync(`${file}.lock`, 'utf8')) as object
      open?.close()
      writeFileSync(`${file}.lock`, JSON.stringify({ ...lock, ...changes }))
    }
    holder({ pid: Number(dead.stdout.toString()) })
    opened().close()
    holder({ began: '1' })
    opened().close()
    holder({ boot: 'another' })
    opened().close()
    writeFileSync(`${file}.lock`, '{"host":"to')
    opened().close()
    holder({ host: 'elsewhere' })
    expect(() => opened()).toThrow(ConfigError)
    rmSync(`${file}.lock`)
  })

  test('of many that find one stale lock, one takes it', async () => {
    opened().close()
    writeFileSync(`${file}.lock`, '')
    const source = `
      import { lockJournal } from ${JSON.stringify(new URL('../../bot/journal-lock.ts', import.meta.url).href)}
      try { lockJournal(${JSON.stringify(file)}); process.stdout.write('held') } catch { process.stdout.write('refused') }
      setTimeout(() => {}, 1500)`
    const script = join(folder, 'locker.mts')
    writeFileSync(script, source)
    const answers = await Promise.all(
      Array.from(
        { length: 4 },
        () =>
          new Promise<string>((resolve) => {
            const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script])
            let text = ''
            child.stdout.on('data', (data) => {
              text += data
            })
            child.on('close', () => resolve(text))
          }),
      ),
    )
    expect(answers.sort()).toEqual(['held', 'refused', 'refused', 'refused'])
  }, 30_000)
})

describe('a full disk', () => {
  const mount = (path: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]).status === 0

  test('refuses to sync, forgets nothing, and goes on when there is space', (context) => {
    if (!mount(folder)) return context.skip('needs the right to mount a tmpfs of 64 kB')
    try {
      const journal = opened()
      const ballast = join(folder, 'ballast')
      writeFileSync(ballast, Buffer.alloc(40_000))
      let seq = 0
      const more = () => {
        for (let i = 0; i < 50; i++) journal.append(settled(++seq))
        journal.sync()
      }
      expect(() => {
        for (let i = 0; i < 100; i++) more()
      }).toThrow(TransientError)
      const size = statSync(file).size
      expect(() => journal.sync()).toThrow(TransientError)
      expect(() => more()).toThrow(TransientError)
      expect(statSync(file).size).toBe(size)
      truncateSync(ballast, 0)
      journal.sync()
      journal.close()
      expect([...readJournal(file)].map((entry) => entry.seq)).toEqual(
        Array.from({ length: seq }, (_, i) => i + 1),
      )
    } finally {
      rmSync(file, { force: true })
      spawnSync('umount', [folder])
    }
  })
})
