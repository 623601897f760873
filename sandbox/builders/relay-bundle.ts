import { concat, keccak256 } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'

/** A bundle as a builder holds it; a private transaction is a bundle of one that is good for several blocks. */
export interface RelayBundle {
  readonly kind: 'bundle' | 'private'
  /** What the sender was told it is called; no two builders compute it alike. */
  readonly hash: Hex
  /** Lower case; who signed the request, not who signed the transactions. */
  readonly signer: Address
  readonly uuid?: string
  /** Of two with the same signer and uuid the one with the higher number stays, of equals the later. */
  readonly replacementNonce: number
  readonly txs: readonly DecodedTx[]
  readonly fromBlock: number
  readonly toBlock: number
  readonly minTimestampSec?: number
  readonly maxTimestampSec?: number
  /** Transactions that may land reverted. */
  readonly reverting: ReadonlySet<Hex>
  /** Transactions that may be left out, but not land reverted. */
  readonly dropping: ReadonlySet<Hex>
  readonly receivedMs: number
}

/** Returns the Flashbots relay's name of a bundle: keccak-256 of its transactions' hashes, one after another. */
export const hashOfTxs = (txs: readonly Pick<DecodedTx, 'hash'>[]): Hex =>
  keccak256(concat(txs.map(({ hash }) => hash)))

/** Says whether a bundle may stand in this block. */
export const isFor = (bundle: RelayBundle, number: number, timestampSec: number): boolean =>
  bundle.fromBlock <= number &&
  number <= bundle.toBlock &&
  timestampSec >= (bundle.minTimestampSec ?? 0) &&
  timestampSec <= (bundle.maxTimestampSec ?? Number.POSITIVE_INFINITY)
