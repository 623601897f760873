import { type DecodedTx, effectiveTipWei } from '../node/decoded-tx.ts'
import type { BlockEnv } from './block-env.ts'
import type { Ledger } from './ledger.ts'

/**
 * Returns the public transactions that stand behind a block's bundles: the highest tip for gas first, each sender's in
 * the order of nonces, as far as the gas limit reaches.
 */
export const fillBlock = (
  pending: readonly DecodedTx[],
  ledger: Ledger,
  env: BlockEnv,
  gasTaken: bigint,
): readonly DecodedTx[] => {
  const left = new Set(pending)
  const filled: DecodedTx[] = []
  let gas = gasTaken
  for (;;) {
    let next: DecodedTx | undefined
    for (const tx of left) {
      if (gas + tx.gasLimit > env.gasLimit || ledger.fault(tx)) continue
      if (!next || effectiveTipWei(tx, env.baseFeeWei) > effectiveTipWei(next, env.baseFeeWei))
        next = tx
    }
    if (!next) return filled
    ledger.spend(next)
    left.delete(next)
    filled.push(next)
    gas += next.gasLimit
  }
}
