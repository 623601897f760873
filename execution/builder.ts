import { keccak256, stringToHex } from 'viem'
import type { Hex } from '../core/types/chain.ts'
import type { Bundle, SignedTx } from '../core/types/plan.ts'

/** A bundle as a builder takes it. */
export interface SignedBundle {
  readonly id: string
  readonly targetBlock: number
  readonly txs: readonly Hex[]
  readonly txHashes: readonly Hex[]
  /**
   * A UUID of version 4, the same for all bundles for one block that begin with the same intent: each repeats the one
   * before it and adds to it, and of two that hold the same oracle update a builder can place only one.
   */
  readonly replacementUuid: string
  /** Higher for each bundle of the same UUID. */
  readonly replacementNonce: number
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
  const ours = [...ahead.filter(({ isOurs }) => isOurs), ...signed]
  const all = [...ahead, ...(bundle.behind === undefined ? [] : [bundle.behind]), ...signed]
  return {
    id: bundle.id,
    targetBlock: bundle.targetBlock,
    txs: all.map(({ rawTx }) => rawTx),
    txHashes: all.map(({ txHash }) => txHash),
    replacementUuid: uuidOf(`${bundle.targetBlock},${ours[0]?.txHash}`),
    replacementNonce: ours.length,
  }
}
