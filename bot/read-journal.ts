import { closeSync, openSync, readSync } from 'node:fs'
import { ConfigError, messageOf } from '../core/errors.ts'
import type { Entry } from '../core/types/event.ts'
import { checksumOf, decodeEntry } from './codec.ts'

/** The first line of every journal; the number changes when older versions could not read what follows. */
export const journalHeader = 'bailiff-journal 1'

export interface JournalEnd {
  /** Bytes of whole lines; what stands behind is torn. */
  readonly bytes: number
  readonly tornBytes: number
  readonly lastSeq: number
  readonly lastAtMs: number
}

export interface JournalReading {
  /** Entries that are checked and counted but not decoded: the bulk, which recovery has no use for. */
  readonly skipBulk?: boolean
}

const lineFeed = 10
const chunkBytes = 1 << 20
const bulkEndings = ['"type":"block"}]', '"type":"history"}]'].map((text) => Buffer.from(text))

const damaged = (file: string, line: number, byte: number, why: string): ConfigError =>
  new ConfigError(
    'JOURNAL_DAMAGED',
    `Restore "${file}" from a copy, or move it away once no signed transaction of it can land any more: line ${line} at byte ${byte} is damaged (${why}), and what was signed behind it cannot be trusted.`,
    { file, line, byte },
  )

/** Whole lines of a file in order, without their line feeds; returns how many bytes without one stand at the end. */
function* linesOf(descriptor: number): Generator<Buffer, number> {
  let rest = Buffer.alloc(0)
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(chunkBytes, rest.length))
    const read = readSync(descriptor, chunk, 0, chunk.length, null)
    if (read === 0) return rest.length
    const bytes =
      rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)])
    let from = 0
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
      yield bytes.subarray(from, at)
      from = at + 1
    }
    rest = bytes.subarray(from)
  }
}

/** `[seq, atMs, first character of the event]` of a line, without decoding it. */
const headOf = (line: Buffer): readonly [number, number, string] | undefined => {
  const match = /^\[(\d+),([^,]+),(.)/.exec(line.toString('latin1', 9, 80))
  return match === null ? undefined : [Number(match[1]), Number(match[2]), match[3]!]
}

const isBulk = (line: Buffer, kind: string): boolean =>
  kind === '[' || bulkEndings.some((end) => line.subarray(line.length - end.length).equals(end))

const isSound = (line: Buffer): boolean =>
  line.toString('latin1', 0, 8) === checksumOf(line.subarray(Math.min(9, line.length))) &&
  line[8] === 32

function* entriesOf(
  file: string,
  descriptor: number,
  reading: JournalReading,
): Generator<Entry, JournalEnd> {
  const lines = linesOf(descriptor)
  let [number, bytes, lastSeq, lastAtMs] = [0, 0, 0, 0]
  for (let next = lines.next(); ; next = lines.next()) {
    if (next.done) return { bytes, tornBytes: next.value, lastSeq, lastAtMs }
    const line = next.value
    number += 1
    if (number === 1) {
      if (!line.equals(Buffer.from(journalHeader))) {
        throw new ConfigError(
          'JOURNAL_VERSION',
          `Read "${file}" with the version that wrote it, or move it away: it begins with "${line.toString('latin1', 0, 40)}", not with "${journalHeader}".`,
          { file },
        )
      }
    } else {
      const head = headOf(line)
      if (!isSound(line) || head === undefined) throw damaged(file, number, bytes, 'bad checksum')
      if (head[0] !== lastSeq + 1) {
        throw damaged(file, number, bytes, `entry ${head[0]} follows ${lastSeq}`)
      }
      lastSeq = head[0]
      lastAtMs = head[1]
      if (reading.skipBulk !== true || !isBulk(line, head[2])) yield decodeEntry(line.toString())
    }
    bytes += line.length + 1
  }
}

const opened = (file: string): number => {
  try {
    return openSync(file, 'r')
  } catch (thrown) {
    throw new ConfigError(
      'JOURNAL_NOT_READABLE',
      `Give the path of a journal that can be read: ${messageOf(thrown)}.`,
      { file },
    )
  }
}

/**
 * Yields a journal's entries in order, holding one chunk in memory, and returns where its whole lines end; throws
 * ConfigError at the first line that is damaged or out of order. A torn last line is left out.
 */
export function* readJournal(
  file: string,
  reading: JournalReading = {},
): Generator<Entry, JournalEnd> {
  const descriptor = opened(file)
  try {
    return yield* entriesOf(file, descriptor, reading)
  } finally {
    closeSync(descriptor)
  }
}
