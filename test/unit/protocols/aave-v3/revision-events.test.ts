import { encodeEventTopics, type Hex, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { RAY, ray } from '../../../../core/units.ts'
import { eventAbi } from '../../../../protocols/aave-v3/abi.ts'
import { createAaveDecoder } from '../../../../protocols/aave-v3/decode.ts'
import { type EventVector, readGoldenRevision, revisions } from '../../../support/aave-revisions.ts'
import { readAaveVectors, skippedWithout } from '../../../support/aave-vectors.ts'
import { addressOf, aMarket, anEmode, aReserve } from '../../../support/an-aave-book.ts'
import {
  blockSec,
  followedBalance,
  holder,
  other,
  uints,
} from '../../../support/revision-events.ts'

describe.each(revisions)('revision %i: a scaled balance by its events', (revision) => {
  test('goldens', () => {
    const { events } = readGoldenRevision(revision)
    expect(events.length).toBeGreaterThanOrEqual(40)
    for (const it of events)
      expect(followedBalance(it, revision), `${it.n} ${it.op}`).toBe(it.scaledAfter)
  })

  const shared = readAaveVectors<EventVector>(`aave_r${revision}_events`)
  test.skipIf(shared === undefined)(`every shared vector${skippedWithout(shared)}`, () => {
    for (const it of shared!)
      expect(followedBalance(it, revision), `${it.n} ${it.op}`).toBe(it.scaledAfter)
  })
})

describe('a liquidation that pays in aTokens', () => {
  const liquidation = (receiveAToken: boolean) => ({
    address: addressOf(0x9001, 0),
    topics: encodeEventTopics({
      abi: eventAbi,
      eventName: 'LiquidationCall',
      args: { collateralAsset: addressOf(0x70, 0), debtAsset: addressOf(0x70, 1), user: holder },
    }) as Hex[],
    data: uints(1n, 1n, BigInt(other), receiveAToken ? 1n : 0n),
    transactionHash: toHex(1n, { size: 32 }),
  })

  test.each([
    { revision: 8, receiveAToken: true, accrues: false },
    { revision: 9, receiveAToken: true, accrues: true },
    { revision: 11, receiveAToken: true, accrues: true },
    { revision: 11, receiveAToken: false, accrues: false },
  ])('$revision, $receiveAToken: brings the collateral up to its block: $accrues', (it) => {
    const rate = ray(RAY / 10n)
    const market = aMarket(
      [aReserve(0, { liquidityRateRay: rate, variableBorrowRateRay: rate }), aReserve(1)],
      { revision: it.revision, emodes: [anEmode(1)] },
    )
    const changes = createAaveDecoder(market).decode(liquidation(it.receiveAToken), blockSec)
    expect(changes.some(({ type }) => type === 'aave/accrue')).toBe(it.accrues)
    expect(changes.at(-1)?.type).toBe('aave/liquidation')
  })
})
