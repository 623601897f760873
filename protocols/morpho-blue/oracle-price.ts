import { mulDivDown } from '../../core/math.ts'
import type { MorphoOracle, MorphoOracleSide } from '../../core/types/market.ts'
import { type Raw, raw } from '../../core/units.ts'
import type { PriceView } from '../protocol.ts'
import { fitsUint256 } from './uint256.ts'

/** Why `price()` reverts, in words of the contract and of Solidity. */
export type OracleError = 'negative answer' | 'Panic17' | 'Panic18' | 'MathOverflowedMulDiv'

type Understood = Extract<MorphoOracle, { readonly kind: 'chainlink-v2' }>
type AnswerOf = NonNullable<PriceView['answerOf']>

/** Multiplies a vault's assets by the answers of the side's feeds, as checked arithmetic does. */
const factorOf = (side: MorphoOracleSide, answerOf: AnswerOf): Raw | OracleError | undefined => {
  let factorRaw = side.vaultAssetsRaw
  for (const feed of side.feeds) {
    const answerRaw = answerOf(feed.toLowerCase() as typeof feed)
    if (answerRaw === undefined) return undefined
    if (answerRaw < 0n) return 'negative answer'
    factorRaw = raw(factorRaw * answerRaw)
    if (!fitsUint256(factorRaw)) return 'Panic17'
  }
  return factorRaw
}

/**
 * Mirrors `MorphoChainlinkOracleV2.price` (morpho-blue-oracles e32d8902): units of the loan for one of the collateral,
 * with 36 decimals. Zero is a price; the age of an answer is not looked at. Undefined when an answer is not known.
 */
export const oraclePrice = (
  { scaleFactorRaw, base, quote }: Pick<Understood, 'scaleFactorRaw' | 'base' | 'quote'>,
  answerOf: AnswerOf,
): Raw | OracleError | undefined => {
  const baseRaw = factorOf(base, answerOf)
  if (typeof baseRaw !== 'bigint') return baseRaw
  const quoteRaw = factorOf(quote, answerOf)
  if (typeof quoteRaw !== 'bigint') return quoteRaw
  if (quoteRaw === 0n)
    return fitsUint256(scaleFactorRaw * baseRaw) ? 'Panic18' : 'MathOverflowedMulDiv'
  const priceRaw = mulDivDown(scaleFactorRaw, baseRaw, quoteRaw)
  return fitsUint256(priceRaw) ? priceRaw : 'MathOverflowedMulDiv'
}

/** Returns a market's price under a view; undefined where the oracle would revert, or is not understood. */
export const priceOf = (oracle: MorphoOracle, view: PriceView): Raw | undefined => {
  if (oracle.kind === 'unknown' || view.answerOf === undefined) return undefined
  const priceRaw = oraclePrice(oracle, view.answerOf)
  return typeof priceRaw === 'bigint' ? priceRaw : undefined
}
