import type { Address } from '../../core/types/chain.ts'
import type { AaveReserve } from '../../core/types/market.ts'
import { bps, RAY, raw, ray, sec } from '../../core/units.ts'
import { calculateUserAccountData } from '../../protocols/aave-v3/health.ts'
import { marketAt } from '../../protocols/aave-v3/market-at.ts'
import { compoundedInterest } from '../../protocols/aave-v3/ray-math.ts'
import type { PriceView } from '../../protocols/protocol.ts'
import {
  type AccountSketch,
  addressOf,
  aMarket,
  anEmode,
  aReserve,
  aView,
  changesOf,
  NOW,
} from './an-aave-book.ts'
import { type Seeded, seeded } from './seeded.ts'

/** A market with its accounts, the history that leads to them and a view to judge them by. */
export interface RandomBook {
  readonly market: ReturnType<typeof aMarket>
  readonly view: PriceView
  readonly accounts: readonly AccountSketch[]
  readonly changes: ReturnType<typeof changesOf>
}

const CATEGORIES = [1, 2, 7]
const CATEGORY_SOURCE = addressOf(0xfeed, 999)

const reserveOf = (random: Seeded, n: number, ordinary: boolean): AaveReserve =>
  aReserve(n, {
    token: {
      address: addressOf(0x70, n),
      symbol: `T${n}`,
      decimals: random.pick(ordinary ? [8, 18] : [0, 2, 6, 6, 8, 18, 18, 18, 24, 27]),
    },
    liquidationThresholdBps: bps(random.chance(0.1) ? 0 : 1 + random.below(9_500)),
    liquidationBonusBps: bps(10_001 + random.below(2_000)),
    emodeCategory: random.pick([0, 0, 0, ...CATEGORIES]),
    protocolFeeBps: bps(random.below(3_000)),
    paused: random.chance(0.05),
    liquidityIndexRay: ray(RAY + BigInt(random.below(2 ** 31)) * 10n ** 17n),
    variableBorrowIndexRay: ray(RAY + BigInt(random.below(2 ** 31)) * 2n * 10n ** 17n),
    liquidityRateRay: ray(BigInt(random.below(10_000)) * 10n ** 23n),
    variableBorrowRateRay: ray(BigInt(random.below(20_000)) * 10n ** 23n),
    updatedSec: sec(NOW - random.below(3_000_000)),
  })

const scaled = (value: bigint, share: number): bigint =>
  (value * BigInt(Math.round(share * 1e15))) / 10n ** 15n

/** How far from the edge debts are put, as a share of what the collateral carries: most of them hardly at all. */
const nudges = [0, 1e-14, -1e-14, 1e-10, -1e-10, 1e-7, -1e-7, 1e-4, -1e-4, 2e-4, 1e-3, -0.2, 0.3]

/** A market, a view and accounts of which most stand at the edge of liquidation, many of them in dust. */
export const randomAaveBook = (
  seed: number,
  {
    count,
    ordinary = false,
    calm = false,
  }: {
    readonly count: number
    /** Leaves out tokens whose smallest unit is worth money. */
    readonly ordinary?: boolean
    /** Puts most accounts well away from the edge, as they are on a quiet day. */
    readonly calm?: boolean
  },
): RandomBook => {
  const random = seeded(seed)
  const reserves = Array.from({ length: 40 }, (_, n) => reserveOf(random, n, ordinary))
  const market = aMarket(reserves, {
    emodes: [
      anEmode(1, { priceSource: CATEGORY_SOURCE }),
      anEmode(2, { liquidationThresholdBps: bps(9_700) }),
      anEmode(7, { liquidationThresholdBps: bps(1 + random.below(9_000)) }),
    ],
  })
  const usd = new Map<Address, number>(
    [...reserves.map(({ aggregator }) => aggregator), CATEGORY_SOURCE].map((aggregator) => [
      aggregator,
      10 ** random.between(ordinary ? -2 : -6, 5),
    ]),
  )
  if (!ordinary && random.chance(0.5)) usd.delete(random.pick(reserves).aggregator)
  const view = aView(usd, NOW + random.below(10_000))
  const at = marketAt(reserves, market.emodes, view, compoundedInterest)

  const accountOf = (index: number): AccountSketch => {
    const category = random.pick([0, 0, 0, 0, ...CATEGORIES, 9])
    const slots = random.some(
      reserves.map(({ id }) => id),
      1 + random.below(5),
    )
    const owing = slots.filter((_, place) => place === 0 || random.chance(0.3))
    const worthUsd = 10 ** random.between(random.chance(0.3) ? -8 : 1, 7)
    const legs = slots.map((n) => {
      const { token } = reserves[n]!
      const price = usd.get(reserves[n]!.aggregator) ?? 1
      const amount = (worthUsd / price) * 10 ** token.decimals
      return {
        n,
        slot: n,
        suppliedRaw: raw(random.chance(0.85) ? BigInt(Math.floor(Math.min(amount, 1e37))) : 0n),
        owedRaw: raw(0n),
        collateral: random.chance(0.85),
      }
    })
    const carried = calculateUserAccountData(legs, at, category)
    const limit = carried && (carried.collateralBase * carried.averageThresholdBps) / 10_000n
    const nudge = calm && random.chance(0.99) ? random.between(-0.7, -0.01) : random.pick(nudges)
    const share = scaled(limit ?? 10n ** 8n, (1 + nudge) / owing.length)
    const owed = legs.map((leg) => {
      const reserve = at.reserves[leg.n]!
      if (!owing.includes(leg.n) || reserve.priceBase === undefined) return leg
      const balance = (share * reserve.unitRaw) / reserve.priceBase
      return { ...leg, owedRaw: raw((balance * RAY) / reserve.variableBorrowIndexRay) }
    })
    return { account: addressOf(0xa11c, index), category, legs: owed }
  }
  const accounts = Array.from({ length: count }, (_, index) => accountOf(index))
  return { market, view, accounts, changes: accounts.flatMap(changesOf) }
}
