import type { Liquidated, LiquidateError } from '../../protocols/morpho-blue/liquidate.ts'

/** A liquidation in the words in which trials and goldens tell it. */
export const said = (
  repaid: bigint,
  shares: bigint,
  seized: bigint,
  bad: bigint,
  badShares: bigint,
): string =>
  `repaid ${repaid} for ${shares} shares, seized ${seized}, bad debt ${bad} for ${badShares} shares`

/** What our rules say of a call, in the same words; a refusal in the contract's own. */
export const predictedOf = (result: Liquidated | LiquidateError): string => {
  if (typeof result === 'string') return result
  const { repayRaw, repaySharesRaw, seizeRaw, badDebtRaw, badDebtSharesRaw } = result
  return said(repayRaw, repaySharesRaw, seizeRaw, badDebtRaw, badDebtSharesRaw)
}
