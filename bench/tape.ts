import type { Address, Head, Hex } from '../core/types/chain.ts'
import type { Change } from '../core/types/change.ts'
import type { Event } from '../core/types/event.ts'
import type { Tick } from '../core/types/price.ts'
import { gas, ms, raw, ray, sec, wei } from '../core/units.ts'
import { seeded } from '../test/support/seeded.ts'
import { closingOf, openingOf, type TapeAccount, tapeAccounts } from './tape-accounts.ts'
import {
  answerOf,
  assetOf,
  poolHistory,
  poolSwap,
  tapeAssets,
  tapeFeeds,
  tapeMarket,
  tapePools,
} from './tape-market.ts'

/** What the tape is made of. */
export interface TapeShape {
  readonly startMs: number
  readonly minutes: number
  readonly accounts: number
  /** Accounts that fall below health factor 1 at an answer and are closed by a rival in the block after it. */
  readonly flips: number
  readonly ticksPerSec: number
  readonly logsPerBlock: number
}

export const fullTape: TapeShape = {
  startMs: 1_692_308_160_000,
  minutes: 30,
  accounts: 20_000,
  flips: 2_000,
  ticksPerSec: 5_000,
  logsPerBlock: 600,
}

export interface TapeEvent {
  readonly atMs: number
  readonly event: Event
}

const blockMs = 12_000
const firstBlock = 17_936_000
/** One answer a minute: five blocks. */
const blocksPerAnswer = 5
const answerBps = 50
const pairsPerVenue = 20
const updateMs = 2_500

export const tapeVenues = ['binance', 'coinbase', 'kraken', 'okx', 'bybit'] as const
/** The feeds' assets and as many more as fill a venue's frame. */
export const tickedAssets: readonly string[] = [
  ...tapeAssets.map(({ asset }) => asset),
  ...Array.from({ length: pairsPerVenue - tapeAssets.length }, (_, n) => `ALT${n}`),
]

const hashOf = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const rival: Address = '0x00000000000000000000000000000000000a17a1'

/**
 * Yields half an hour of a falling market, event by event, the same for the same shape: the readings and the past, then
 * quotes of five venues in turn, a block every twelve seconds, and every minute an answer of the ether feed, half a percent
 * lower, which is seen in the mempool before it is mined.
 */
export function* tape(shape: TapeShape): Generator<TapeEvent> {
  const { startMs, minutes, ticksPerSec } = shape
  const random = seeded(7).unit
  const stepsUsd = Array.from(
    { length: minutes + 1 },
    (_, n) => assetOf('ETH').usd * (1 - answerBps / 10_000) ** n,
  )
  const { accounts, fallsAt } = tapeAccounts(shape.accounts, shape.flips, stepsUsd)
  const steady = accounts.slice(shape.flips)
  const headAt = (n: number): Head => ({
    number: firstBlock + n,
    hash: hashOf(firstBlock + n),
    parentHash: hashOf(firstBlock + n - 1),
    timestampSec: sec((startMs + n * blockMs) / 1000),
    baseFeeWei: wei(20_000_000_000n),
    gasUsed: gas(15_000_000n),
    gasLimit: gas(30_000_000n),
    seenMs: ms(startMs + n * blockMs),
  })
  const marketUsd = (asset: string, atMs: number): number => {
    if (asset !== 'ETH') return tapeAssets.find((it) => it.asset === asset)?.usd ?? 10
    const minute = (atMs - startMs) / 60_000
    const step = Math.min(minutes - 1, Math.floor(minute))
    return stepsUsd[step]! + (stepsUsd[step + 1]! - stepsUsd[step]!) * Math.min(1, minute - step)
  }

  const past = [...poolHistory(), ...accounts.flatMap(openingOf)]
  const reading: readonly Event[] = [
    { type: 'market', block: firstBlock - 1, market: tapeMarket(startMs / 1000) },
    { type: 'feeds', block: firstBlock - 1, feeds: tapeFeeds(startMs / 1000) },
    { type: 'pools', pools: tapePools },
    ...Array.from(
      { length: Math.ceil(past.length / 10_000) },
      (_, n): Event => ({
        type: 'history',
        fromBlock: n,
        toBlock: n,
        changes: past.slice(n * 10_000, (n + 1) * 10_000),
      }),
    ),
    {
      type: 'operators',
      operators: Array.from({ length: 4 }, (_, n) => ({
        address: `0x${(0xb0b + n).toString(16).padStart(40, '0')}`,
        nonce: 0,
        balanceWei: wei(10n ** 19n),
      })),
    },
    { type: 'synced', head: headAt(0) },
  ]
  for (const event of reading) yield { atMs: startMs, event }

  const quotes = (step: number, atMs: number): Event => {
    const venue = tapeVenues[step % tapeVenues.length]!
    const ticks = tickedAssets.map((asset): Tick => {
      const usd = marketUsd(asset, atMs) * (1 + 0.0002 * (random() - 0.5))
      const digits = usd > 100 ? 2 : 5
      return {
        venue,
        pair: `${asset}/USD`,
        bid: Number(usd.toFixed(digits)),
        ask: Number((usd * 1.00005).toFixed(digits)),
        seenMs: ms(atMs - Math.floor(random() * 4)),
      }
    })
    return { type: 'ticks', ticks }
  }

  const isAnswer = (n: number): boolean => n > 0 && n % blocksPerAnswer === 0
  const answerIn = (
    n: number,
  ): {
    readonly answerRaw: ReturnType<typeof raw>
    readonly epochAndRound: number
    readonly txHash: Hex
  } => ({
    answerRaw: raw(answerOf(stepsUsd[n / blocksPerAnswer]!)),
    epochAndRound: 1 + n / blocksPerAnswer,
    txHash: hashOf(0xfeed_0000 + n),
  })
  const { aggregator } = assetOf('ETH')

  const changesOf = (n: number, atMs: number): readonly Change[] => {
    const changes: Change[] = []
    if (isAnswer(n)) {
      changes.push({
        type: 'feed/answer',
        aggregator,
        ...answerIn(n),
        roundId: 1 + n / blocksPerAnswer,
        updatedSec: sec(atMs / 1000),
        txIndex: 0,
      })
    }
    if (isAnswer(n - 1)) {
      const fallen: readonly TapeAccount[] = fallsAt[(n - 1) / blocksPerAnswer] ?? []
      const usd = stepsUsd[(n - 1) / blocksPerAnswer]!
      changes.push(
        ...fallen.flatMap((account, i) =>
          closingOf(account, usd, rival, hashOf(0xdead_0000 + n * 1_000 + i)),
        ),
      )
    }
    const growth = 1 + (0.03 * (atMs - startMs)) / 31_536_000_000
    const indexRay = ray(BigInt(Math.round(growth * 1e15)) * 10n ** 12n)
    while (changes.length < shape.logsPerBlock) {
      const account = steady[Math.floor(random() * steady.length)]!
      const kind = random()
      const { token } = tapeAssets[Math.floor(random() * tapeAssets.length)]!
      if (kind < 0.3)
        changes.push(poolSwap(Math.floor(random() * 100), (asset) => marketUsd(asset, atMs)))
      else if (kind < 0.6)
        changes.push({
          type: 'aave/index',
          reserve: token.address,
          liquidityIndexRay: indexRay,
          variableBorrowIndexRay: indexRay,
          liquidityRateRay: ray(3n * 10n ** 25n),
          variableBorrowRateRay: ray(4n * 10n ** 25n),
          updatedSec: sec(atMs / 1000),
        })
      else
        changes.push({
          type: 'aave/scaled',
          side: 'supply',
          reserve: account.collateral.token.address,
          account: account.address,
          deltaRaw: raw(account.suppliedRaw / 1_000n + 1n),
        })
    }
    return changes
  }

  const stepMs = (1000 * pairsPerVenue) / ticksPerSec
  const steps = (minutes * 60_000) / stepMs
  let block = 0
  let pending = 0
  for (let step = 1; step <= steps; step++) {
    const atMs = startMs + Math.round(step * stepMs)
    const due = Math.floor((atMs - startMs) / blockMs)
    const coming = Math.floor((atMs + updateMs - startMs) / blockMs)
    if (coming > pending) {
      pending = coming
      if (isAnswer(coming) && coming / blocksPerAnswer <= minutes) {
        yield {
          atMs,
          event: {
            type: 'pending-update',
            update: {
              aggregator,
              ...answerIn(coming),
              rawTx: `0x02${'ab'.repeat(700)}`,
              from: '0x0000000000000000000000000000000000007a45',
              gasLimit: gas(400_000n),
              maxFeePerGasWei: wei(10n ** 13n),
              seenMs: ms(atMs),
            },
          },
        }
      }
    }
    if (due > block) {
      block = due
      yield {
        atMs,
        event: {
          type: 'block',
          head: headAt(block),
          changes: changesOf(block, startMs + block * blockMs),
        },
      }
    }
    yield { atMs, event: quotes(step, atMs) }
  }
}
