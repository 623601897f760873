import { mulDivDown, mulDivUp } from '../../core/math.ts'
import type { MorphoTotals } from '../../core/types/market.ts'
import type { Raw } from '../../core/units.ts'

const VIRTUAL_SHARES = 1_000_000n
const VIRTUAL_ASSETS = 1n

/** Mirrors `SharesMathLib.toSharesDown` (morpho-blue 1.0.0). */
export const toSharesDown = (assetsRaw: Raw, totals: MorphoTotals): Raw =>
  mulDivDown(assetsRaw, totals.sharesRaw + VIRTUAL_SHARES, totals.assetsRaw + VIRTUAL_ASSETS)

/** Mirrors `SharesMathLib.toSharesUp` (morpho-blue 1.0.0). */
export const toSharesUp = (assetsRaw: Raw, totals: MorphoTotals): Raw =>
  mulDivUp(assetsRaw, totals.sharesRaw + VIRTUAL_SHARES, totals.assetsRaw + VIRTUAL_ASSETS)

/** Mirrors `SharesMathLib.toAssetsDown` (morpho-blue 1.0.0). */
export const toAssetsDown = (sharesRaw: Raw, totals: MorphoTotals): Raw =>
  mulDivDown(sharesRaw, totals.assetsRaw + VIRTUAL_ASSETS, totals.sharesRaw + VIRTUAL_SHARES)

/** Mirrors `SharesMathLib.toAssetsUp` (morpho-blue 1.0.0). */
export const toAssetsUp = (sharesRaw: Raw, totals: MorphoTotals): Raw =>
  mulDivUp(sharesRaw, totals.assetsRaw + VIRTUAL_ASSETS, totals.sharesRaw + VIRTUAL_SHARES)
