import type { Address, Hex } from '../../core/types/chain.ts'
import type { RelayBundle } from './relay-bundle.ts'

/**
 * What a builder remembers of its senders and their bundles.
 *
 * 1. A sender's reputation is what it paid against the gas that was simulated for it.
 * 2. Only the latest `mostRemembered` deeds and bundles are kept.
 */
export interface TrackRecord {
  readonly received: (bundle: RelayBundle) => void
  readonly simulated: (bundle: RelayBundle, gasUsed: bigint) => void
  readonly included: (bundle: RelayBundle, paidWei: bigint) => void
  /** The result of flashbots_getUserStatsV2. */
  readonly userStats: (signer: Address) => unknown
  /** The result of flashbots_getBundleStatsV2; undefined for a bundle that is not known. */
  readonly bundleStats: (hash: Hex) => unknown
}

interface Deed {
  readonly signer: Address
  readonly atMs: number
  readonly gasUsed: bigint
  readonly paidWei: bigint
}

interface Times {
  readonly receivedMs: number
  simulatedMs?: number
  includedMs?: number
}

const mostRemembered = 10_000
const dayMs = 86_400_000

/** Creates an empty record of the builder with this name. */
export const createTrackRecord = (builder: string, nowMs: () => number): TrackRecord => {
  const deeds: Deed[] = []
  const bundles = new Map<Hex, Times>()

  const note = (deed: Omit<Deed, 'atMs'>): void => {
    deeds.push({ ...deed, atMs: nowMs() })
    if (deeds.length > mostRemembered) deeds.splice(0, deeds.length - mostRemembered)
  }
  const since = (signer: Address, fromMs: number): { gas: string; paid: string } => {
    let gasUsed = 0n
    let paidWei = 0n
    for (const deed of deeds) {
      if (deed.signer !== signer || deed.atMs < fromMs) continue
      gasUsed += deed.gasUsed
      paidWei += deed.paidWei
    }
    return { gas: String(gasUsed), paid: String(paidWei) }
  }
  const iso = (atMs: number): string => new Date(atMs).toISOString()
  const seen = (atMs: number | undefined): unknown[] =>
    atMs === undefined ? [] : [{ pubkey: builder, timestamp: iso(atMs) }]

  return {
    received: (bundle) => {
      bundles.set(bundle.hash, { receivedMs: bundle.receivedMs })
      if (bundles.size > mostRemembered) bundles.delete(bundles.keys().next().value!)
    },
    simulated: (bundle, gasUsed) => {
      note({ signer: bundle.signer, gasUsed, paidWei: 0n })
      const times = bundles.get(bundle.hash)
      if (times) times.simulatedMs ??= nowMs()
    },
    included: (bundle, paidWei) => {
      note({ signer: bundle.signer, gasUsed: 0n, paidWei })
      const times = bundles.get(bundle.hash)
      if (times) times.includedMs = nowMs()
    },
    userStats: (signer) => {
      const [all, week, day] = [0, nowMs() - 7 * dayMs, nowMs() - dayMs].map((fromMs) =>
        since(signer, fromMs),
      )
      return {
        isHighPriority: false,
        allTimeValidatorPayments: all!.paid,
        allTimeGasSimulated: all!.gas,
        last7dValidatorPayments: week!.paid,
        last7dGasSimulated: week!.gas,
        last1dValidatorPayments: day!.paid,
        last1dGasSimulated: day!.gas,
      }
    },
    bundleStats: (hash) => {
      const times = bundles.get(hash)
      if (!times) return undefined
      const { receivedMs, simulatedMs, includedMs } = times
      return {
        isHighPriority: false,
        isSimulated: simulatedMs !== undefined,
        ...(simulatedMs === undefined ? {} : { simulatedAt: iso(simulatedMs) }),
        receivedAt: iso(receivedMs),
        consideredByBuildersAt: seen(simulatedMs),
        sealedByBuildersAt: seen(includedMs),
      }
    },
  }
}
