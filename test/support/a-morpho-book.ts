import type { Address, Head, Hex } from '../../core/types/chain.ts'
import type { Change, MorphoChange } from '../../core/types/change.ts'
import type {
  MorphoMarket,
  MorphoPreLiquidation,
  MorphoState,
  MorphoTotals,
} from '../../core/types/market.ts'
import { gas, ms, raw, type Sec, sec, WAD, wad, wei } from '../../core/units.ts'
import { createMorphoBlueBook, type MorphoBook } from '../../protocols/morpho-blue/index.ts'
import type { PriceView } from '../../protocols/protocol.ts'

export const NOW = 1_700_000_000
export const marketId: Hex = `0x${'5a'.repeat(32)}`
export const otherId: Hex = `0x${'0b'.repeat(32)}`
export const alice: Address = '0x000000000000000000000000000000000000a11c'
export const bob: Address = '0x0000000000000000000000000000000000000b0b'
export const mallory: Address = '0x0000000000000000000000000000000000003a11'
export const feed: Address = '0x000000000000000000000000000000000000feed'
export const preFeed: Address = '0x00000000000000000000000000000000000feed2'
export const contract: Address = '0x0000000000000000000000000000000000009e11'

/** A price of one smallest unit of the loan for one of the collateral. */
export const PAR = 10n ** 36n

export const totals = (assets: bigint, shares: bigint): MorphoTotals => ({
  assetsRaw: raw(assets),
  sharesRaw: raw(shares),
})

export const aState = (fields: Partial<MorphoState> = {}): MorphoState => ({
  supply: totals(10n ** 12n, 10n ** 18n),
  borrow: totals(9n * 10n ** 11n, 9n * 10n ** 17n),
  feeWad: wad(0n),
  rateAtTargetWad: wad(1_268_391_679n),
  updatedSec: sec(NOW),
  ...fields,
})

/** A feed answers the price itself: the scale is one. */
export const anOracle = (address: Address) => ({
  kind: 'chainlink-v2' as const,
  address,
  scaleFactorRaw: raw(1n),
  base: { vaultAssetsRaw: raw(1n), feeds: [address] },
  quote: { vaultAssetsRaw: raw(1n), feeds: [] },
})

/** Six decimals against six, at a threshold of 80 %. */
export const aMorphoMarket = (fields: Partial<MorphoMarket> = {}): MorphoMarket => ({
  morpho: '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb',
  id: marketId,
  loan: { address: '0x0000000000000000000000000000000000000001', symbol: 'USDC', decimals: 6 },
  collateral: { address: '0x0000000000000000000000000000000000000002', symbol: 'C', decimals: 6 },
  oracle: anOracle(feed),
  irm: '0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC',
  rateModel: 'adaptive-curve',
  lltvWad: wad((8n * WAD) / 10n),
  preLiquidations: [],
  state: aState(),
  positions: [],
  ...fields,
})

/** Opens at 70 %: a tenth of the debt for 1 % there, all of it for 5 % at 80 %. */
export const aPreLiquidation = (
  fields: Partial<MorphoPreLiquidation> = {},
): MorphoPreLiquidation => ({
  address: contract,
  preLltvWad: wad((7n * WAD) / 10n),
  closeFactor1Wad: wad(WAD / 10n),
  closeFactor2Wad: WAD,
  incentiveFactor1Wad: wad((101n * WAD) / 100n),
  incentiveFactor2Wad: wad((105n * WAD) / 100n),
  oracle: anOracle(preFeed),
  ...fields,
})

export const aPosition = (
  account: Address,
  borrowShares: bigint,
  collateral: bigint,
  authorized: readonly Address[] = [],
) => ({
  account,
  borrowSharesRaw: raw(borrowShares),
  collateralRaw: raw(collateral),
  authorized,
})

export const aView = (
  answers: Readonly<Record<string, bigint>>,
  timestampSec: number = NOW,
): PriceView => ({
  timestampSec: sec(timestampSec),
  priceOf: () => undefined,
  answerOf: (aggregator) => {
    const answer = answers[aggregator]
    return answer === undefined ? undefined : raw(answer)
  },
})

export const aHead = (number: number, timestampSec: Sec = sec(NOW)): Head => ({
  number,
  hash: `0x${number.toString(16)}`,
  parentHash: `0x${(number - 1).toString(16)}`,
  timestampSec,
  baseFeeWei: wei(0n),
  gasUsed: gas(0n),
  gasLimit: gas(0n),
  seenMs: ms(0),
})

/** A book of a market that was read at block 100 with its positions. */
export const aMorphoBook = (
  market: MorphoMarket,
  changes: readonly (MorphoChange | Change)[] = [],
): MorphoBook => {
  const book = createMorphoBlueBook(market.id)
  book.apply({ type: 'morpho-market', block: 100, market })
  book.apply({ type: 'history', fromBlock: 101, toBlock: 110, changes })
  return book
}
