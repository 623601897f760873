import { crc32 } from 'node:zlib'
import { ProtocolError } from '../core/errors.ts'
import type { Entry, Event, Fact } from '../core/types/event.ts'
import type { Tick } from '../core/types/price.ts'
import { ms } from '../core/units.ts'
import { canonicalOf, fromCanonical } from './canonical.ts'

/**
 * One journal line is `checksum [seq, atMs, event, fact]`: eight hex digits of the CRC-32 of what follows the space,
 * then canonical JSON. CRC-32 because zlib has it in native code (0.3 us a line) and every tool can check it; the line
 * is guarded against torn and flipped bytes, not against an enemy with a key to the disk.
 */
// It is an invariant that these are all the fields of a tick: one more and this file must learn it.
const tickFields = { venue: 0, pair: 1, bid: 2, ask: 3, seenMs: 4 } satisfies Readonly<
  Record<keyof Tick, number>
>
const cellsPerTick = Object.keys(tickFields).length

/** Exact only between whole milliseconds; a fraction is written out in full. */
const ageOf = (atMs: number, seenMs: number): string => {
  const age = atMs - seenMs
  return Number.isSafeInteger(age) && Object.is(atMs - age, seenMs)
    ? canonicalOf(age)
    : canonicalOf([seenMs])
}

/** Five cells a tick, `0` for the venue of the tick before: 35 bytes where an object takes 100. */
const textOfTicks = (atMs: number, ticks: readonly Tick[]): string => {
  let text = ''
  let venue: string | undefined
  for (const tick of ticks) {
    const where = tick.venue === venue ? '0' : canonicalOf(tick.venue)
    venue = tick.venue
    text += `${text === '' ? '' : ','}${where},${canonicalOf(tick.pair)},${canonicalOf(tick.bid)},${canonicalOf(tick.ask)},${ageOf(atMs, tick.seenMs)}`
  }
  return `[${text}]`
}

const ticksOf = (atMs: number, cells: readonly unknown[]): readonly Tick[] => {
  const ticks: Tick[] = []
  let venue = ''
  for (let i = 0; i + cellsPerTick <= cells.length; i += cellsPerTick) {
    const where = cells[i + tickFields.venue]
    const age = cells[i + tickFields.seenMs]
    if (typeof where === 'string') venue = where
    ticks.push({
      venue,
      pair: cells[i + tickFields.pair] as string,
      bid: cells[i + tickFields.bid] as number,
      ask: cells[i + tickFields.ask] as number,
      seenMs: ms(Array.isArray(age) ? (age[0] as number) : atMs - (age as number)),
    })
  }
  return ticks
}

/** Returns eight hex digits of the CRC-32 of a text or of bytes. */
export const checksumOf = (body: string | Uint8Array): string =>
  crc32(body).toString(16).padStart(8, '0')

/** Returns the one line of an entry, without a line feed: the same entry has the same bytes. */
export const encodeEntry = (entry: Entry): string => {
  const { seq, atMs, event, fact } = entry
  const cause =
    event === undefined
      ? '0'
      : event.type === 'ticks'
        ? textOfTicks(atMs, event.ticks)
        : canonicalOf(event)
  const body = `[${canonicalOf(seq)},${canonicalOf(atMs)},${cause}${fact === undefined ? '' : `,${canonicalOf(fact)}`}]`
  return `${checksumOf(body)} ${body}`
}

/** Returns the entry of a line without its line feed; throws ProtocolError when the checksum or the shape is wrong. */
export const decodeEntry = (line: string): Entry => {
  const body = line.slice(9)
  const sum = checksumOf(body)
  if (line[8] !== ' ' || line.slice(0, 8) !== sum) {
    throw new ProtocolError(
      'JOURNAL_LINE_DAMAGED',
      `Do not read this line: it says checksum "${line.slice(0, 8)}" and has "${sum}".`,
      { sum, length: line.length },
    )
  }
  const cells = fromCanonical(body)
  if (!Array.isArray(cells) || typeof cells[0] !== 'number' || typeof cells[1] !== 'number') {
    throw new ProtocolError(
      'JOURNAL_LINE_UNKNOWN',
      'Read this journal with the version that wrote it: a line is no [seq, atMs, event, fact].',
      { body: body.slice(0, 80) },
    )
  }
  const [seq, atMs, cause, fact] = cells as [number, number, unknown, Fact | undefined]
  const event: Event | undefined = Array.isArray(cause)
    ? { type: 'ticks', ticks: ticksOf(atMs, cause) }
    : cause === 0
      ? undefined
      : (cause as Event)
  return {
    seq,
    atMs,
    ...(event === undefined ? {} : { event }),
    ...(fact === undefined ? {} : { fact }),
  }
}
