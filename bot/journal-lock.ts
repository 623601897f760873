import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { ConfigError } from '../core/errors.ts'

/**
 * Owns `<file>.lock`: one process at a time holds a journal.
 *
 * 1. The lock is made with O_EXCL, and names its holder: host, boot, process id and when that process began.
 * 2. A holder that is gone, or whose process id was given to another, leaves a stale lock, which the next one takes over.
 * 3. Taking over happens behind a second O_EXCL file, so that two who find the same stale lock cannot both take it.
 * 4. A holder on another host cannot be asked; its lock stands until a person removes it.
 */
interface Holder {
  readonly host: string
  readonly boot: string
  readonly pid: number
  readonly began: string
}

/** A take-over lasts milliseconds; an older mark is a crash in the middle of one. */
const takeoverMaxMs = 10_000

const codeOf = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException).code

const textOrNothing = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    if (['ENOENT', 'ESRCH', 'ENOTDIR'].includes(codeOf(thrown) ?? '')) return ''
    throw thrown
  }
}

/** Clock ticks since boot at which a process began: the 22nd field of /proc/<pid>/stat; empty where there is none. */
const beganOf = (pid: number): string =>
  textOrNothing(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? ''

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return codeOf(thrown) === 'EPERM'
  }
}

const me = (): Holder => ({
  host: hostname(),
  boot: textOrNothing('/proc/sys/kernel/random/boot_id').trim(),
  pid: process.pid,
  began: beganOf(process.pid),
})

const holderOf = (lockFile: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')) as Holder
  } catch (thrown) {
    // An empty or torn lock is that of a process that died while making it.
    if (thrown instanceof SyntaxError || codeOf(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

const isStale = (holder: Holder | undefined): boolean => {
  if (holder === undefined) return true
  const self = me()
  if (holder.host !== self.host) return false
  if (holder.boot !== self.boot) return true
  return !isAlive(holder.pid) || beganOf(holder.pid) !== holder.began
}

const madeOnce = (file: string, text: string): boolean => {
  try {
    const descriptor = openSync(file, 'wx', 0o600)
    writeSync(descriptor, text)
    closeSync(descriptor)
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false
    throw thrown
  }
}

const refuse = (lockFile: string, holder: Holder | undefined): never => {
  throw new ConfigError(
    'JOURNAL_LOCKED',
    `Stop process ${holder?.pid ?? '?'} on host "${holder?.host ?? '?'}" first, or give this one another dataDir: the journal has one writer at a time. If that host is gone for good, delete "${lockFile}".`,
    { lockFile, holder },
  )
}

const takeOver = (lockFile: string, text: string): void => {
  const mark = `${lockFile}.takeover`
  if (!madeOnce(mark, text)) {
    const age = Date.now() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age < takeoverMaxMs) refuse(lockFile, holderOf(lockFile))
    rmSync(mark, { force: true })
    if (!madeOnce(mark, text)) refuse(lockFile, holderOf(lockFile))
  }
  try {
    const holder = holderOf(lockFile)
    if (!isStale(holder)) refuse(lockFile, holder)
    rmSync(lockFile, { force: true })
    if (!madeOnce(lockFile, text)) refuse(lockFile, holderOf(lockFile))
  } finally {
    rmSync(mark, { force: true })
  }
}

/** Locks a journal for this process and returns what releases it; throws ConfigError when another process holds it. */
export const lockJournal = (file: string): (() => void) => {
  const lockFile = `${file}.lock`
  const text = `${JSON.stringify(me())}\n`
  if (!madeOnce(lockFile, text)) {
    const holder = holderOf(lockFile)
    if (!isStale(holder)) refuse(lockFile, holder)
    takeOver(lockFile, text)
  }
  return () => rmSync(lockFile, { force: true })
}
