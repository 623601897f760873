import { max } from '../../core/math.ts'

/** The part of a header that decides the base fee of the next block. */
export interface FeeHeader {
  readonly baseFeeWei: bigint
  readonly gasUsed: bigint
  readonly gasLimit: bigint
}

const elasticity = 2n
const changeDenominator = 8n

/** Returns the gas that leaves the base fee as it is (EIP-1559, gas target). */
export const gasTargetOf = (gasLimit: bigint): bigint => gasLimit / elasticity

/** Returns the base fee of the block that follows a header, in wei (EIP-1559). */
export const nextBaseFeeWei = ({ baseFeeWei, gasUsed, gasLimit }: FeeHeader): bigint => {
  const target = gasTargetOf(gasLimit)
  if (gasUsed === target) return baseFeeWei
  if (gasUsed > target) {
    const rise = (baseFeeWei * (gasUsed - target)) / target / changeDenominator
    return baseFeeWei + max(rise, 1n)
  }
  return baseFeeWei - (baseFeeWei * (target - gasUsed)) / target / changeDenominator
}
