import { keccak256, stringToHex } from 'viem'
import type { Hex } from '../core/types/chain.ts'
import type { Bundle, SignedTx } from '../core/types/plan.ts'

/** A bundle as a builder takes it. */
export interface SignedBundle {
  readonly id: string
  readonly targetBlock: number
  readonly txs: readonly Hex[]
  /**
   * Transactions without which the bundle still stands: the intents' where there are several, never the oracle update's.
   * A single intent that would revert is not worth landing.
   */
  readonly optionalTxHashes: readonly Hex[]
  /** A UUID of version 4: the same for the same transactions, so that it can be named after a restart. */
  readonly replacementUuid: string
}

/** Someone who takes bundles; resolves with what it answered, or throws. */
export interface Builder {
  readonly name: string
  /** Wall time after which an answer is no longer waited for. */
  readonly deadlineMs: number
  /** Throws a ProtocolError when this bundle is refused, else a TransientError or a ConfigError. */
  readonly send: (bundle: SignedBundle, signal: AbortSignal) => Promise<string>
  /** Takes back a bundle; no builder promises that it still can. */
  readonly cancel: (bundle: SignedBundle, signal: AbortSignal) => Promise<string>
}

/** BuilderNet refuses a replacement id that is not a UUID; version and variant are set in the hash. */
const uuidOf = (text: string): string => {
  const hash = keccak256(stringToHex(text)).slice(2)
  const variant = ((Number.parseInt(hash[16] ?? '0', 16) & 0x3) | 0x8).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}

/** Returns a bundle with its signed transactions as builders take it. */
export const assemble = (bundle: Bundle, signed: readonly SignedTx[]): SignedBundle => {
  const ahead = bundle.ahead ?? []
  const hashes = [
    ...ahead.filter(({ mayRevert }) => mayRevert).map(({ txHash }) => txHash),
    ...signed.map(({ txHash }) => txHash),
  ]
  return {
    id: bundle.id,
    targetBlock: bundle.targetBlock,
    txs: [
      ...ahead.map(({ rawTx }) => rawTx),
      ...(bundle.behind === undefined ? [] : [bundle.behind.rawTx]),
      ...signed.map(({ rawTx }) => rawTx),
    ],
    optionalTxHashes: hashes.length > 1 ? hashes : [],
    replacementUuid: uuidOf([bundle.id, ...hashes].join(',')),
  }
}
