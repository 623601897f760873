import { mulDivDown } from '../../core/math.ts'
import { type Raw, raw } from '../../core/units.ts'
import { fitsUint256 } from './uint256.ts'

/** One side of an oracle as its constructor is given it. */
export interface OracleSideTerms {
  readonly hasVault: boolean
  readonly sampleRaw: Raw
  readonly feedDecimals: readonly number[]
  readonly tokenDecimals: number
}

/** Why the constructor of an oracle refuses, in words of the contract and of Solidity. */
export type ScaleFactorError =
  | 'vault conversion sample is not one'
  | 'vault conversion sample is zero'
  | 'Panic17'

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/** Mirrors the constructor of `MorphoChainlinkOracleV2` (morpho-blue-oracles e32d8902): rounded down once, to zero even. */
export const scaleFactor = (
  base: OracleSideTerms,
  quote: OracleSideTerms,
): Raw | ScaleFactorError => {
  for (const { hasVault, sampleRaw } of [base, quote]) {
    if (!hasVault && sampleRaw !== 1n) return 'vault conversion sample is not one'
  }
  if (base.sampleRaw === 0n || quote.sampleRaw === 0n) return 'vault conversion sample is zero'
  const exponent =
    36 +
    quote.tokenDecimals +
    sumOf(quote.feedDecimals) -
    base.tokenDecimals -
    sumOf(base.feedDecimals)
  if (exponent < 0) return 'Panic17'
  const powerRaw = raw(10n ** BigInt(exponent))
  if (!fitsUint256(powerRaw * quote.sampleRaw)) return 'Panic17'
  return mulDivDown(powerRaw, quote.sampleRaw, base.sampleRaw)
}
