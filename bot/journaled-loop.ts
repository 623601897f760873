import { InvariantError, messageOf, TransientError } from '../core/errors.ts'
import type { Command, Event, Fact } from '../core/types/event.ts'
import { type Ms, sec } from '../core/units.ts'
import type { Engine } from './engine.ts'
import type { Journal } from './journal.ts'

/**
 * Owns the order between journal, engine and the outside.
 *
 * 1. An event is stamped and journalled, then the engine steps, then its facts are journalled behind it.
 * 2. `sign` and `send` leave after the disk has all that led to them, alerts after the operating system has them, so that
 *    our death loses none; audits, which can be repeated, at once.
 * 3. When the disk is full nothing is signed or sent: the loop goes on, the journal remembers, and what waits leaves when
 *    there is space, unless its target block has been reached by then.
 * 4. Time never goes back within a session.
 */
export interface JournaledLoop {
  readonly handle: (event: Event) => void
  /** Writes what is remembered and, after a full disk, tries again; to be called every 50 ms or so. */
  readonly flush: () => void
  /** True while the disk refuses what must be written before anything may leave. */
  readonly isHalted: () => boolean
}

export interface JournaledLoopDeps {
  readonly engine: Engine
  readonly journal: Journal
  readonly now: () => Ms
  readonly emit: (command: Command) => void
  readonly onFact?: (fact: Fact, atMs: number) => void
  readonly log: (level: 'warn' | 'error', text: string) => void
}

/** Characters kept while the disk is full: hours of a quiet market, a quarter of an hour of the wildest. */
const maxRemembered = 256_000_000

/** Creates the loop of one session. */
export const createJournaledLoop = (deps: JournaledLoopDeps): JournaledLoop => {
  const { engine, journal, now, emit, onFact, log } = deps
  const waiting: Extract<Command, { type: 'sign' | 'send' }>[] = []
  let isHalted = false
  let atMs = 0

  const tellDisk = (status: 'open' | 'resolved', text: string): void => {
    log(status === 'open' ? 'error' : 'warn', text)
    const timestampSec = sec(Math.floor(atMs / 1000))
    emit({
      type: 'alert',
      alert: {
        key: 'journal-disk-full',
        severity: status === 'open' ? 'critical' : 'info',
        status,
        kind: 'journal-disk-full',
        text,
        block: 0,
        timestampSec,
      },
    })
  }

  const written = (write: () => void): boolean => {
    try {
      write()
      return true
    } catch (thrown) {
      if (!(thrown instanceof TransientError)) throw thrown
      if (!isHalted) tellDisk('open', thrown.message)
      isHalted = true
      if (journal.remembered < maxRemembered) return false
      throw new InvariantError(
        'JOURNAL_BACKLOG_FULL',
        `Free space for "${journal.file}" and start again: ${journal.remembered} characters wait for the disk.`,
        { file: journal.file },
        { cause: thrown },
      )
    }
  }

  const release = (): void => {
    if (!written(journal.sync)) return
    if (isHalted) tellDisk('resolved', `"${journal.file}" is written again; sending goes on.`)
    isHalted = false
    for (const command of waiting.splice(0)) {
      if (engine.isTimely(command.bundle)) emit(command)
      else
        log('warn', `Bundle ${command.bundle.id} waited for the disk until its block was reached.`)
    }
  }

  const steps = (event: Event): void => {
    atMs = Math.max(atMs, now())
    const entry = { seq: journal.lastSeq + 1, atMs, event }
    journal.append(entry)
    const { facts, commands } = engine.step(entry)
    const alerts: Command[] = []
    for (const fact of facts) {
      const seq = journal.lastSeq + 1
      journal.append({ seq, atMs, fact })
      if (fact.type === 'alert') alerts.push({ ...fact, entry: seq })
      onFact?.(fact, atMs)
    }
    if (alerts.length > 0) written(journal.flush)
    for (const alert of alerts) emit(alert)
    for (const command of commands) {
      if (command.type === 'sign' || command.type === 'send') waiting.push(command)
      else emit(command)
    }
    if (commands.length > 0 && waiting.length > 0) release()
  }

  return {
    isHalted: () => isHalted,
    flush: () => {
      if (isHalted) release()
      else written(journal.flush)
    },
    handle: (event) => {
      try {
        steps(event)
      } catch (thrown) {
        // What led to the end is what a replay needs most.
        log('error', `The loop ends on a "${event.type}" event: ${messageOf(thrown)}`)
        written(journal.sync)
        throw thrown
      }
    },
  }
}
