import type { Address, Hex } from '../../core/types/chain.ts'
import { isFor, type RelayBundle } from './relay-bundle.ts'

/**
 * The bundles of one builder.
 *
 * 1. One bundle per signer and uuid: a higher number takes the place of a lower, an equal one by coming later; what
 *    comes with a lower number is ignored, also after a cancellation.
 * 2. Without a uuid the same bundle for the same block is held once.
 * 3. Only the signer of a bundle can replace or cancel it.
 * 4. A bundle goes when its last block is mined, a private transaction also when it is mined itself.
 * 5. It holds at most `mostBundles`.
 */
export interface BundlePool {
  readonly list: () => readonly RelayBundle[]
  /** Those that may stand in this block, in the order of arrival. */
  readonly at: (number: number, timestampSec: number) => readonly RelayBundle[]
  readonly add: (bundle: RelayBundle) => 'added' | 'replaced' | 'stale' | 'full'
  /** Returns the names of what was cancelled. */
  readonly cancel: (signer: Address, uuid: string, replacementNonce: number) => readonly Hex[]
  readonly cancelTx: (signer: Address, txHash: Hex) => boolean
  /** Forgets what a mined block has settled. */
  readonly settle: (number: number, mined: ReadonlySet<Hex>) => void
}

const mostBundles = 10_000
/** Cancelled uuids are remembered for this many, so that a late bundle cannot undo a cancellation. */
const mostCancelled = 10_000

/** Creates an empty pool. */
export const createBundlePool = (): BundlePool => {
  const bundles = new Map<string, RelayBundle>()
  const cancelled = new Map<string, number>()

  const nameOf = (signer: Address, uuid: string): string => `${signer} ${uuid}`
  const keyOf = ({ signer, uuid, hash, toBlock }: RelayBundle): string =>
    uuid === undefined ? `${signer} ${hash} ${toBlock}` : nameOf(signer, uuid)

  return {
    list: () => [...bundles.values()],
    at: (number, timestampSec) =>
      [...bundles.values()].filter((bundle) => isFor(bundle, number, timestampSec)),
    add: (bundle) => {
      const key = keyOf(bundle)
      const held = bundles.get(key)
      const floor = held?.replacementNonce ?? cancelled.get(key)
      if (floor !== undefined && bundle.replacementNonce < floor) return 'stale'
      if (!held && bundles.size >= mostBundles) return 'full'
      bundles.delete(key)
      bundles.set(key, bundle)
      return held ? 'replaced' : 'added'
    },
    cancel: (signer, uuid, replacementNonce) => {
      const key = nameOf(signer, uuid)
      const held = bundles.get(key)
      if (held && replacementNonce < held.replacementNonce) return []
      cancelled.delete(key)
      cancelled.set(key, replacementNonce)
      if (cancelled.size > mostCancelled) cancelled.delete(cancelled.keys().next().value!)
      return held && bundles.delete(key) ? [held.hash] : []
    },
    cancelTx: (signer, txHash) => {
      for (const [key, bundle] of bundles) {
        if (bundle.kind !== 'private' || bundle.signer !== signer) continue
        if (bundle.txs[0]?.hash === txHash) return bundles.delete(key)
      }
      return false
    },
    settle: (number, mined) => {
      for (const [key, bundle] of bundles) {
        const landed = bundle.kind === 'private' && bundle.txs.every(({ hash }) => mined.has(hash))
        if (bundle.toBlock <= number || landed) bundles.delete(key)
      }
    },
  }
}
