import { WAD, type Wad, wad } from '../../core/units.ts'

const LN_2_WAD = 693_147_180_559_945_309n
/** Below it, e^x is less than one unit. */
const LOWER_BOUND_WAD = -41_446_531_673_892_822_312n
/** From here on the contract would overflow, and clips. */
const UPPER_BOUND_WAD = 93_859_467_695_000_404_319n
const UPPER_VALUE_WAD =
  57_716_089_161_558_943_949_701_069_502_944_508_345_128_422_502_756_744_429_568n

/** Mirrors `ExpLib.wExp` (morpho-blue-irm a1a87fd5): 2^q × (1 + r + r²/2) for x = q ln 2 + r, divisions toward zero. */
export const wExp = (xWad: bigint): Wad => {
  if (xWad < LOWER_BOUND_WAD) return wad(0n)
  if (xWad >= UPPER_BOUND_WAD) return wad(UPPER_VALUE_WAD)
  const halfWad = xWad < 0n ? -(LN_2_WAD / 2n) : LN_2_WAD / 2n
  const q = (xWad + halfWad) / LN_2_WAD
  const rWad = xWad - q * LN_2_WAD
  const expRWad = WAD + rWad + (rWad * rWad) / WAD / 2n
  return wad(q >= 0n ? expRWad << q : expRWad >> -q)
}
