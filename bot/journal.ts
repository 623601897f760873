import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError, InvariantError, messageOf, TransientError } from '../core/errors.ts'
import type { Entry } from '../core/types/event.ts'
import { encodeEntry } from './codec.ts'
import { lockJournal } from './journal-lock.ts'
import { type JournalEnd, journalHeader, readJournal } from './read-journal.ts'

/**
 * Owns the journal file from its opening to its closing.
 *
 * 1. One process at a time: the lock is taken before the first byte is read.
 * 2. A torn last line is cut with a warning; any other damage refuses to open.
 * 3. `append` only remembers; `flush` writes what is remembered; `sync` returns once it is on the disk.
 * 4. When the disk is full, `flush` and `sync` throw TransientError and forget nothing: the file ends with the last whole
 *    line, and the next call writes the rest. Whoever would act on an entry calls `sync` first and acts only if it returns.
 * 5. After a failed fdatasync nobody knows what the disk holds: InvariantError.
 */
export interface Journal {
  readonly file: string
  /** Remembers an entry, whose `seq` must be the one after the last. */
  readonly append: (entry: Entry) => void
  /** Hands what is remembered to the operating system: it survives the death of the process. */
  readonly flush: () => void
  /** Flushes, and returns when the disk has it: it survives the death of the machine. */
  readonly sync: () => void
  /** Syncs, closes and unlocks, once. */
  readonly close: () => void
  readonly lastSeq: number
  readonly lastAtMs: number
  /** Bytes of the file. */
  readonly bytes: number
  /** Characters remembered and not yet written. */
  readonly remembered: number
}

export interface JournalOptions {
  readonly file: string
  /** Called with every entry already in the file, but for ticks, blocks and history. */
  readonly recall: (entry: Entry) => void
  readonly warn: (text: string) => void
}

const fullDisk = new Set(['ENOSPC', 'EDQUOT'])
const codeOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException).code ?? ''

const readAll = (file: string, recall: (entry: Entry) => void): JournalEnd => {
  const entries = readJournal(file, { skipBulk: true })
  for (let next = entries.next(); ; next = entries.next()) {
    if (next.done) return next.value
    recall(next.value)
  }
}

const openForWriting = (file: string): number => {
  try {
    const isNew = statSync(file, { throwIfNoEntry: false }) === undefined
    const descriptor = openSync(file, isNew ? 'wx+' : 'r+', 0o600)
    if (isNew) {
      // The directory must hold the new name before anything is signed on its strength.
      const directory = openSync(dirname(file), 'r')
      fsyncSync(directory)
      closeSync(directory)
    }
    return descriptor
  } catch (thrown) {
    throw new ConfigError(
      'JOURNAL_NOT_WRITABLE',
      `Make "${file}" writable for this user, or name another dataDir: ${messageOf(thrown)}.`,
      { file },
    )
  }
}

/** Opens a journal, new or not, for this process alone; throws ConfigError when it is locked, damaged or not writable. */
export const openJournal = ({ file, recall, warn }: JournalOptions): Journal => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const unlock = lockJournal(file)
  let end: JournalEnd = { bytes: 0, tornBytes: 0, lastSeq: 0, lastAtMs: 0 }
  let descriptor: number
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) end = readAll(file, recall)
    descriptor = openForWriting(file)
    if (end.tornBytes > 0) {
      warn(`Cut ${end.tornBytes} bytes of a torn last line from "${file}" at byte ${end.bytes}.`)
      ftruncateSync(descriptor, end.bytes)
    }
  } catch (thrown) {
    unlock()
    throw thrown
  }
  let { bytes, lastSeq, lastAtMs } = end
  let isClosed = false
  let text = bytes === 0 ? `${journalHeader}\n` : ''

  const write = (line: Buffer): void => {
    let done = 0
    try {
      while (done < line.length) {
        done += writeSync(descriptor, line, done, line.length - done, bytes + done)
      }
    } catch (thrown) {
      ftruncateSync(descriptor, bytes)
      if (!fullDisk.has(codeOf(thrown))) throw thrown
      throw new TransientError(
        'JOURNAL_DISK_FULL',
        `Free space for "${file}": ${line.length} bytes wait to be written, and nothing is signed or sent before they are.`,
        { file, waiting: line.length },
        { cause: thrown },
      )
    }
    bytes += line.length
  }

  const flush = (): void => {
    if (text === '') return
    write(Buffer.from(text))
    text = ''
  }

  const sync = (): void => {
    flush()
    try {
      fdatasyncSync(descriptor)
    } catch (thrown) {
      throw new InvariantError(
        'JOURNAL_SYNC_FAILED',
        `Replace the disk below "${file}": it could not keep what was written (${messageOf(thrown)}).`,
        { file },
        { cause: thrown },
      )
    }
  }

  return {
    file,
    append: (entry) => {
      if (entry.seq !== lastSeq + 1) {
        throw new InvariantError(
          'JOURNAL_OUT_OF_ORDER',
          `Append entry ${lastSeq + 1} next, not ${entry.seq}: the journal has no gaps.`,
          { lastSeq, seq: entry.seq },
        )
      }
      text += `${encodeEntry(entry)}\n`
      lastSeq = entry.seq
      lastAtMs = entry.atMs
    },
    flush,
    sync,
    close: () => {
      if (isClosed) return
      isClosed = true
      try {
        sync()
      } finally {
        closeSync(descriptor)
        unlock()
      }
    },
    get lastSeq() {
      return lastSeq
    },
    get lastAtMs() {
      return lastAtMs
    },
    get bytes() {
      return bytes
    },
    get remembered() {
      return text.length
    },
  }
}
