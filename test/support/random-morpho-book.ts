import type { Address } from '../../core/types/chain.ts'
import type { MorphoMarket, MorphoPosition } from '../../core/types/market.ts'
import { type Raw, raw, sec, WAD, wad } from '../../core/units.ts'
import type { PriceView } from '../../protocols/protocol.ts'
import {
  aMorphoMarket,
  aPreLiquidation,
  aState,
  aView,
  contract,
  feed,
  NOW,
  preFeed,
} from './a-morpho-book.ts'
import { seeded } from './seeded.ts'

export interface RandomMorpho {
  readonly market: MorphoMarket
  readonly positions: readonly MorphoPosition[]
  readonly view: PriceView
}

const accountOf = (n: number): Address =>
  `0x${(0xa11ce000n + BigInt(n)).toString(16).padStart(40, '0')}`

/** A market of any size and price, whose accounts stand within a few units of the line, or anywhere. */
export const randomMorpho = (seed: number, count: number): RandomMorpho => {
  const random = seeded(seed)
  const sized = (low: number, high: number): bigint =>
    BigInt(Math.round(random.between(1, 10) * 1e6)) * 10n ** BigInt(low + random.below(high - low))
  const borrowed = sized(0, 20)
  const perAsset = random.pick([1_000_000n, 1_000_000n, 950_000n, 1_000n, 1n])
  const lltvWad = wad(random.pick([385n, 625n, 770n, 860n, 945n, 980n]) * 10n ** 15n)
  const preLltvWad = wad((lltvWad * BigInt(900 + random.below(99))) / 1_000n)
  const priceRaw = sized(12, 46) + BigInt(random.below(1e6))
  const prePriceRaw = random.chance(0.6)
    ? priceRaw
    : (priceRaw * BigInt(950 + random.below(100))) / 1_000n
  const state = aState({
    supply: {
      assetsRaw: raw((borrowed * BigInt(1_000 + random.below(900))) / 1_000n),
      sharesRaw: raw(borrowed * perAsset),
    },
    borrow: { assetsRaw: raw(borrowed), sharesRaw: raw(borrowed * perAsset) },
    feeWad: wad(BigInt(random.below(251)) * 10n ** 15n),
  })
  const worth = (collateralRaw: bigint, price: bigint, lltv: bigint): bigint =>
    (((collateralRaw * price) / 10n ** 36n) * lltv) / WAD
  const positionOf = (n: number): MorphoPosition => {
    const [price, threshold] = random.pick([
      [priceRaw, lltvWad],
      [priceRaw, lltvWad],
      [prePriceRaw, preLltvWad],
    ] as const)
    const wanted = (borrowed * BigInt(1 + random.below(1e6))) / 40_000_000n
    const collateralRaw = (wanted * 10n ** 36n * WAD) / (price * threshold) + BigInt(n % 3)
    const owed = worth(collateralRaw, price, threshold)
    const off = random.chance(0.6)
      ? BigInt(random.below(9)) - 4n
      : (owed * (BigInt(random.below(2_000)) - 1_000n)) / 2_000n
    // A price so high that a unit of the collateral is worth more than the market: then next to nothing is owed.
    const isSound = owed + off > 0n && owed + off < borrowed
    const borrowSharesRaw: Raw = raw(isSound ? (owed + off) * perAsset : 1n)
    const authorized = random.chance(0.5) ? [contract] : []
    return { account: accountOf(n), borrowSharesRaw, collateralRaw: raw(collateralRaw), authorized }
  }
  const positions = Array.from({ length: count }, (_, n) => positionOf(n))
  const market = aMorphoMarket({
    lltvWad,
    state,
    positions,
    preLiquidations: [
      aPreLiquidation({
        preLltvWad,
        closeFactor1Wad: wad((WAD * BigInt(random.below(11))) / 10n),
        closeFactor2Wad: wad((WAD * BigInt(10 + random.below(11))) / 10n),
        incentiveFactor2Wad: wad((WAD * WAD) / lltvWad),
      }),
    ],
  })
  const elapsed = random.pick([0, 0, 12, 86_400])
  const answers = { [feed]: priceRaw, [preFeed]: prePriceRaw }
  return { market, positions, view: aView(answers, sec(NOW + elapsed)) }
}
