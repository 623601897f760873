import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeEntry, encodeEntry } from '../../bot/codec.ts'
import { InvariantError, ProtocolError } from '../../core/errors.ts'
import type { Entry, Event, Fact } from '../../core/types/event.ts'
import type { Tick } from '../../core/types/price.ts'
import { ms } from '../../core/units.ts'

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53),
)
const anyString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('12n', '-7n', '~', '~12n', 'NaNf', '-0f', '0f', '-Infinityf', '__proto__', '\n'),
)

const { value: plain } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyNumber,
    anyString,
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyString, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

const objects = { noNullPrototype: true }
const tick: fc.Arbitrary<Tick> = fc.record(
  {
    venue: fc.oneof(fc.constantFrom('binance', 'kraken'), anyString),
    pair: anyString,
    bid: anyNumber,
    ask: anyNumber,
    seenMs: fc
      .oneof(fc.integer({ min: 1_692_308_159_000, max: 1_692_308_161_000 }), anyNumber)
      .map(ms),
  },
  objects,
)

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.array(tick, { maxLength: 5 }).map((ticks): Event => ({ type: 'ticks', ticks })),
  fc
    .record({ session: anyString, settings: plain }, objects)
    .map((it): Event => ({ type: 'start', ...it })),
  fc.constant<Event>({ type: 'timer' }),
)
const fact = fc
  .record({ type: fc.constant('settled'), intent: anyString, more: plain }, objects)
  .map((it) => it as unknown as Fact)

const entry: fc.Arbitrary<Entry> = fc.record(
  { seq: fc.nat(), atMs: fc.oneof(fc.constant(1_692_308_160_000), anyNumber), event, fact },
  { requiredKeys: ['seq', 'atMs'], ...objects },
)

/** The same value with the keys of every object in another order. */
const turned = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(turned)
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, field]) => [key, turned(field)]),
  )
}

describe('codec', () => {
  test('property: the round trip is identity', () => {
    fc.assert(
      fc.property(entry, (it) => {
        expect(decodeEntry(encodeEntry(it))).toStrictEqual(it)
      }),
      { numRuns: 2_000 },
    )
  })

  test('property: the same entry has the same bytes, in whatever order its fields were set', () => {
    fc.assert(
      fc.property(entry, (it) => {
        const line = encodeEntry(it)
        expect(encodeEntry(turned(it) as Entry)).toBe(line)
        expect(encodeEntry(decodeEntry(line))).toBe(line)
      }),
      { numRuns: 1_000 },
    )
  })

  test('property: a line is one line, and no flipped character passes', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.integer({ min: 1, max: 127 }), (it, at, flip) => {
        const line = encodeEntry(it)
        expect(line).not.toMatch(/[\n\r]/)
        const place = at % line.length
        const flipped = String.fromCharCode(line.charCodeAt(place) ^ flip)
        const damaged = line.slice(0, place) + flipped + line.slice(place + 1)
        expect(() => decodeEntry(damaged)).toThrow(ProtocolError)
      }),
      { numRuns: 1_000 },
    )
  })

  test('ticks take five cells each', () => {
    const ticks: readonly Tick[] = [
      { venue: 'binance', pair: 'ETH/USDT', bid: 1705.11, ask: 1705.12, seenMs: ms(99_998) },
      { venue: 'binance', pair: 'BTC/USDT', bid: 28200.1, ask: 28200.2, seenMs: ms(99_999.5) },
      { venue: 'kraken', pair: 'ETH/USD', bid: 1704.9, ask: 1705.3, seenMs: ms(100_000) },
    ]
    expect(
      encodeEntry({ seq: 7, atMs: 100_000, event: { type: 'ticks', ticks } }),
    ).toMatchInlineSnapshot(
      `"704f80f5 [7,100000,["binance","ETH/USDT",1705.11,1705.12,2,0,"BTC/USDT",28200.1,28200.2,[99999.5],"kraken","ETH/USD",1704.9,1705.3,0]]"`,
    )
  })

  test('bigints and what looks like one stay apart', () => {
    const settled: Fact = { type: 'settled', intent: '12n', outcome: 'missed' }
    expect(encodeEntry({ seq: 1, atMs: 5, fact: settled })).toMatchInlineSnapshot(
      `"d32585bc [1,5,0,{"intent":"~12n","outcome":"missed","type":"settled"}]"`,
    )
  })

  test('error: InvariantError on what is no plain data', () => {
    for (const value of [new Map(), () => 1, Symbol.iterator, new Date(0), [undefined]]) {
      const start: Event = { type: 'start', session: 'x', settings: { value } }
      expect(() => encodeEntry({ seq: 1, atMs: 1, event: start })).toThrow(InvariantError)
    }
  })
})
