import type { Head } from '../core/types/chain.ts'
import { type Wei, wei } from '../core/units.ts'

/** The priority fee: the bid is paid from profit, so that one wei is only there for builders that ask for any. */
const TIP_WEI = 1n

/** Returns the base fee of the block after the head, as EIP-1559 computes it. */
export const nextBaseFeeWei = (head: Head): Wei => {
  const target = head.gasLimit / 2n
  const base = head.baseFeeWei
  if (head.gasUsed === target || target === 0n) return base
  if (head.gasUsed > target) {
    const rise = (base * (head.gasUsed - target)) / target / 8n
    return wei(base + (rise || 1n))
  }
  return wei(base - (base * (target - head.gasUsed)) / target / 8n)
}

/** Returns what a unit of gas is expected to cost in the block after the head. */
export const gasPriceWei = (head: Head): Wei => wei(nextBaseFeeWei(head) + TIP_WEI)

/** Returns the highest base fee that EIP-1559 allows in the block after the head. */
export const highestBaseFeeWei = (head: Head): Wei =>
  wei(head.baseFeeWei + head.baseFeeWei / 8n + 1n)

/**
 * Returns the fee cap of a transaction for the block after the head: the highest base fee that EIP-1559 allows there,
 * an eighth above it for a node whose head was one behind, and the tip.
 */
export const maxFeePerGasWei = (head: Head): Wei =>
  wei((highestBaseFeeWei(head) * 9n) / 8n + TIP_WEI)
