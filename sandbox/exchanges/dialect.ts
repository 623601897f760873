import type { Ms } from '../../core/units.ts'
import type { Quote } from './quote.ts'

/** One client's side of a venue's protocol: owns what the client subscribed to, answers in frames, does no I/O. */
export interface Conversation {
  /** Frames sent as soon as the socket is open. */
  readonly opening: () => readonly string[]
  /** Answers a text frame of the client. */
  readonly hear: (text: string) => readonly string[]
  /** The frames by which this client learns of a quote; none when it did not ask for it. */
  readonly quoted: (quote: Quote) => readonly string[]
  /** Frames due once a second of wall time; `quiet` when nothing else was sent in that second. */
  readonly beat: (quiet: boolean) => readonly string[]
  /** Whether the client has subscribed to anything. */
  readonly subscribed: () => boolean
}

/** What a conversation may know of the exchange behind it. */
export interface Floor {
  readonly symbols: ReadonlySet<string>
  readonly last: (symbol: string) => Quote
  /** Scenario time: what the venue writes into its messages. */
  readonly now: () => Ms
}

/** How one venue speaks and what it tolerates; times are wall time. */
export interface Dialect {
  readonly path: string
  /** The server pings this often. */
  readonly pingEveryMs?: number
  /** The server hangs up on a client that has not subscribed by then. */
  readonly subscribeWithinMs?: number
  /** The server hangs up on a client that sends more than this in a second. */
  readonly maxMessagesPerSec?: number
  readonly converse: (floor: Floor, path: string) => Conversation
}

/** Returns a scenario time as venues print it: RFC 3339 with microseconds. */
export const rfc3339 = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, -1)}000Z`

/** Returns the object that a frame holds, or undefined when it is no JSON object. */
export const objectIn = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
