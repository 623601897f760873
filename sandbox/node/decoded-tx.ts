import { min } from '../../core/math.ts'
import type { Address, Hex } from '../../core/types/chain.ts'

/** A signed transaction, taken apart; a legacy one has its gas price as fee and as tip. */
export interface DecodedTx {
  readonly hash: Hex
  /** The bytes as they were sent. */
  readonly raw: Hex
  readonly type: 'legacy' | 'eip2930' | 'eip1559'
  /** Lower case. */
  readonly from: Address
  /** Absent when the transaction creates a contract. */
  readonly to?: Address
  readonly nonce: number
  readonly gasLimit: bigint
  readonly maxFeeWei: bigint
  readonly tipWei: bigint
  readonly valueWei: bigint
  readonly data: Hex
  readonly accessList: readonly {
    readonly address: Address
    readonly storageKeys: readonly Hex[]
  }[]
  readonly signature: {
    readonly r: Hex
    readonly s: Hex
    readonly yParity: number
    readonly v: bigint
  }
}

/** Returns what a transaction may cost its sender at most, in wei. */
export const costWei = (tx: DecodedTx): bigint => tx.gasLimit * tx.maxFeeWei + tx.valueWei

/** Returns what a transaction pays the fee recipient per gas at a base fee, in wei; negative when it cannot pay it. */
export const effectiveTipWei = (tx: DecodedTx, baseFeeWei: bigint): bigint =>
  min(tx.maxFeeWei - baseFeeWei, tx.tipWei)
