import { encodeAbiParameters, encodeEventTopics, type Hex, pad, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../../core/types/chain.ts'
import { RAY, ray, sec } from '../../../../core/units.ts'
import { eventAbi } from '../../../../protocols/aave-v3/abi.ts'
import { createAaveDecoder } from '../../../../protocols/aave-v3/decode.ts'
import { createAaveV3Book } from '../../../../protocols/aave-v3/index.ts'
import { type EventVector, readGoldenRevision, revisions } from '../../../support/aave-revisions.ts'
import { readAaveVectors, skippedWithout } from '../../../support/aave-vectors.ts'
import {
  addressOf,
  aMarket,
  anEmode,
  aReserve,
  borrowed,
  NOW,
  supplied,
} from '../../../support/an-aave-book.ts'

const holder = addressOf(0xa11c, 1)
const other = addressOf(0xb0b, 1)
const blockSec = sec(NOW + 12)

const uints = (...values: readonly bigint[]): Hex =>
  encodeAbiParameters(
    values.map(() => ({ type: 'uint256' })),
    [...values],
  )

/** One of a holder's token events as the chain would log it. */
const logOf = (token: Address, it: EventVector['events'][number]) => {
  const [value, index] = [BigInt(it.value), BigInt(it.index)]
  const log = (
    eventName: 'Mint' | 'Burn' | 'BalanceTransfer',
    args: Record<string, Address>,
    data: Hex,
  ) => ({
    address: token,
    topics: encodeEventTopics({ abi: eventAbi, eventName, args } as never) as Hex[],
    data,
    transactionHash: pad('0x1') as Hex,
  })
  if (it.event === 'BalanceTransfer') {
    const [from, to] =
      it.direction === '0'
        ? [holder, holder]
        : it.direction === '-1'
          ? [holder, other]
          : [other, holder]
    return log('BalanceTransfer', { from, to }, uints(value, index))
  }
  const data = uints(value, BigInt(it.balanceIncrease!), index)
  return it.event === 'Mint'
    ? log('Mint', { caller: holder, onBehalfOf: holder }, data)
    : log('Burn', { from: holder, target: other }, data)
}

/** What a book holds after the events, told through the decoder of the revision. */
const followed = (it: EventVector, revision: number): string => {
  const market = aMarket([aReserve(0)], { revision })
  const decoder = createAaveDecoder(market)
  const isSupply = it.token === 'aToken'
  const token = isSupply ? market.reserves[0]!.aToken : market.reserves[0]!.variableDebtToken
  const book = createAaveV3Book()
  book.apply({ type: 'market', block: 1, market })
  const begin = isSupply ? supplied : borrowed
  const plenty = 10n ** 60n
  book.apply({
    type: 'history',
    fromBlock: 1,
    toBlock: 2,
    changes: [begin(holder, 0, BigInt(it.scaledBefore)), begin(other, 0, plenty)],
  })
  book.apply({
    type: 'history',
    fromBlock: 3,
    toBlock: 3,
    changes: it.events.flatMap((event) => decoder.decode(logOf(token, event), blockSec)),
  })
  const held = [...book.snapshot()].find(
    (change) => change.type === 'aave/scaled' && change.account === holder,
  )
  return held?.type === 'aave/scaled' ? String(held.deltaRaw) : '0'
}

describe.each(revisions)('revision %i: a scaled balance by its events', (revision) => {
  test('goldens', () => {
    const { events } = readGoldenRevision(revision)
    expect(events.length).toBeGreaterThanOrEqual(40)
    for (const it of events) expect(followed(it, revision), `${it.n} ${it.op}`).toBe(it.scaledAfter)
  })

  const shared = readAaveVectors<EventVector>(`aave_r${revision}_events`)
  test.skipIf(shared === undefined)(`every shared vector${skippedWithout(shared)}`, () => {
    for (const it of shared!)
      expect(followed(it, revision), `${it.n} ${it.op}`).toBe(it.scaledAfter)
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
