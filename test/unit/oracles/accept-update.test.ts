import { describe, expect, test } from 'vitest'
import type { Address } from '../../../core/types/chain.ts'
import type { Feed } from '../../../core/types/market.ts'
import { raw } from '../../../core/units.ts'
import { acceptUpdate, type Candidate } from '../../../oracles/chainlink/accept-update.ts'
import { aFeed, aggregator, transmitter } from '../../support/a-feed.ts'
import { aForward, aTransmit } from '../../support/a-transmit.ts'

const mallory: Address = '0x00000000000000000000000000000000000bad00'
const forwarder: Address = '0x5da8fbe7e2fc88fd61c1b5ee8be06102f5bb9f07'

const feedsOf = (...feeds: readonly Feed[]): ReadonlyMap<string, Feed> =>
  new Map(feeds.map((feed) => [feed.aggregator, feed]))

const candidate = (fields: Partial<Candidate> = {}): Candidate => ({
  from: transmitter,
  to: aggregator,
  input: aTransmit(),
  ...fields,
})

const forwarded = (from: Address): Candidate =>
  candidate({ from, to: forwarder, input: aForward(aggregator, aTransmit()) })

const none = new Map<string, readonly Address[]>()
const allowed = new Map([[forwarder as string, [transmitter] as const]])

describe('acceptUpdate', () => {
  test('default: accepts a newer report of a transmitter', () => {
    expect(acceptUpdate(candidate(), feedsOf(aFeed()), none)).toMatchObject({
      transmit: { aggregator, answerRaw: 19746688n, epochAndRound: 0x1650001 },
    })
  })

  test('behavior: calldata of another kind is refused', () => {
    expect(acceptUpdate(candidate({ input: '0x' }), feedsOf(aFeed()), none)).toEqual({
      rejection: 'not-transmit',
    })
  })

  test('behavior: an aggregator that no market of ours reads is refused', () => {
    expect(acceptUpdate(candidate({ to: mallory }), feedsOf(aFeed()), none)).toEqual({
      rejection: 'unknown-aggregator',
    })
  })

  test.each([
    ['above', aFeed({ maxAnswerRaw: raw(19746687n) })],
    ['below', aFeed({ minAnswerRaw: raw(19746689n) })],
  ])('behavior: an answer %s its bounds is refused, since the aggregator reverts', (_, feed) => {
    expect(acceptUpdate(candidate(), feedsOf(feed), none)).toEqual({ rejection: 'out-of-range' })
  })

  test('behavior: a report that is not newer than the last is refused', () => {
    const feed = aFeed({ epochAndRound: 0x1650001 })
    expect(acceptUpdate(candidate(), feedsOf(feed), none)).toEqual({ rejection: 'superseded' })
    const before = aFeed({ epochAndRound: 0x1650000 })
    expect(acceptUpdate(candidate(), feedsOf(before), none)).toHaveProperty('transmit')
  })

  test('behavior: mallory may send the same calldata and is refused', () => {
    expect(acceptUpdate(candidate({ from: mallory }), feedsOf(aFeed()), none)).toEqual({
      rejection: 'unknown-sender',
    })
  })

  test('behavior: behind a forwarder it is the forwarder that must be a transmitter', () => {
    const feeds = feedsOf(aFeed({ transmitters: [forwarder] }))
    expect(acceptUpdate(forwarded(transmitter), feeds, allowed)).toMatchObject({
      transmit: { forwarder },
    })
    expect(acceptUpdate(forwarded(transmitter), feedsOf(aFeed()), allowed)).toEqual({
      rejection: 'unknown-sender',
    })
  })

  test('behavior: mallory may call the forwarder and is refused', () => {
    const feeds = feedsOf(aFeed({ transmitters: [forwarder] }))
    expect(acceptUpdate(forwarded(mallory), feeds, allowed)).toEqual({
      rejection: 'unknown-sender',
    })
    expect(acceptUpdate(forwarded(transmitter), feeds, none)).toEqual({
      rejection: 'unknown-sender',
    })
  })
})
