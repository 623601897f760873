import type { MessagePort } from 'node:worker_threads'
import {
  BailiffError,
  ConfigError,
  InvariantError,
  messageOf,
  ProtocolError,
  TransientError,
} from '../core/errors.ts'
import type { Command, Event, Fact } from '../core/types/event.ts'
import type { UndeliveredAlert, UnsettledIntent } from './recover.ts'

/** What the main thread, or one with a door, says to the loop's. */
export type ToLoop =
  | {
      readonly type: 'events'
      readonly events: readonly Event[]
      /** When each was pushed, as milliseconds since 1970 with a fraction. */
      readonly pushedMs: readonly number[]
    }
  /** Opens another way in, for another thread. */
  | { readonly type: 'door'; readonly port: MessagePort }
  | { readonly type: 'stop' }

/** What the loop's thread says to the main one. */
export type FromLoop =
  | {
      readonly type: 'ready'
      readonly explainedNonces: ReadonlyMap<string, number>
      readonly unsettled: readonly UnsettledIntent[]
      readonly undelivered: readonly UndeliveredAlert[]
    }
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'fact'; readonly fact: Fact; readonly atMs: number }
  | { readonly type: 'log'; readonly level: 'warn' | 'error'; readonly text: string }
  | { readonly type: 'report'; readonly report: LoopReport }
  | { readonly type: 'fatal'; readonly error: PlainError }
  | { readonly type: 'stopped' }

export interface LoopReport {
  readonly handled: number
  readonly ticks: number
  readonly entries: number
  readonly journalBytes: number
  readonly isHalted: boolean
  /** From an event's push on the main thread to its step's end, since the last report. */
  readonly lagCounts: readonly (readonly [bucket: number, count: number])[]
}

/** An error as it crosses threads, which keep neither its class nor its code. */
export interface PlainError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
  readonly stack: string | undefined
}

const classes = { ConfigError, TransientError, ProtocolError, InvariantError }

const cloneable = (data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]))

/** Returns what of an error can cross to another thread. */
export const plainErrorOf = (thrown: unknown): PlainError => ({
  name: thrown instanceof Error ? thrown.name : 'Error',
  code: thrown instanceof BailiffError ? thrown.code : 'LOOP_THREW',
  message: messageOf(thrown),
  data: thrown instanceof BailiffError ? cloneable(thrown.data) : {},
  stack: thrown instanceof Error ? thrown.stack : undefined,
})

/** Returns the error that crossed; one of no class of ours is an InvariantError here. */
export const errorOf = ({ name, code, message, data, stack }: PlainError): BailiffError => {
  const Class = name in classes ? classes[name as keyof typeof classes] : InvariantError
  const error = new Class(code, message, data)
  if (stack !== undefined) error.stack = stack
  return error
}
