import type { Hex } from '../../core/types/chain.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'
import type { BlockEnv } from './block-env.ts'
import type { Ledger } from './ledger.ts'
import type { RelayBundle } from './relay-bundle.ts'
import { attempt, type Effect, type Simulate } from './simulate.ts'

/** What became of a bundle in one block. */
export interface BundleFate {
  readonly bundle: RelayBundle
  readonly included: boolean
  /** Why it was left out. */
  readonly reason?: string
  readonly paidWei: bigint
  readonly gasUsed: bigint
}

/** A block in the making: its transactions in order, and what simulation says of each. */
export interface Draft {
  readonly txs: readonly DecodedTx[]
  readonly effects: readonly Effect[]
  readonly ledger: Ledger
}

/** A draft with one more bundle at its end, and what that bundle pays and uses there. */
interface Placed {
  readonly draft: Draft
  /** The draft before it. */
  readonly behind: Draft
  readonly paidWei: bigint
  readonly gasUsed: bigint
}

interface Misplaced {
  readonly reason: string
  /** A nonce before one of its is missing: it may stand behind a bundle that brings it. */
  readonly isEarly?: boolean
}

const sum = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, amount) => total + amount, 0n)

/** A transaction may use what those before it have left of the block, whatever they might have used. */
const haveRoom = (
  txs: readonly DecodedTx[],
  effects: readonly Effect[],
  { gasLimit: blockGas }: BlockEnv,
): boolean => {
  let used = 0n
  return txs.every(({ gasLimit }, i) => {
    const fits = used + gasLimit <= blockGas
    used += effects[i]!.gasUsed
    return fits
  })
}

/**
 * Puts a bundle behind a draft, or says why it cannot stand there (rbuilder, building/order_commit.rs,
 * commit_bundle_no_rollback). A transaction that is not valid there, as one that stands in the block already, is skipped
 * when it is listed as reverting or dropping; otherwise the bundle fails as a whole.
 */
const place = async (
  bundle: RelayBundle,
  draft: Draft,
  env: BlockEnv,
  simulate: Simulate,
): Promise<Placed | Misplaced> => {
  const mayFail = (hash: Hex): boolean => bundle.reverting.has(hash) || bundle.dropping.has(hash)
  let wanted = bundle.txs
  for (;;) {
    const ledger = draft.ledger.fork()
    const valid: DecodedTx[] = []
    for (const tx of wanted) {
      const fault = ledger.fault(tx)
      if (fault && !mayFail(tx.hash))
        return {
          reason: `${tx.hash}: ${fault.kind}: ${fault.detail}`,
          isEarly: fault.kind === 'nonce too high',
        }
      if (fault) continue
      ledger.spend(tx)
      valid.push(tx)
    }
    const txs = [...draft.txs, ...valid]
    const attempted = await attempt(simulate, txs, env)
    if ('refusal' in attempted) return { reason: `cannot be executed: ${attempted.refusal}` }
    const { effects } = attempted
    const own = effects.slice(draft.txs.length)
    const reverted = valid.filter((_, i) => own[i]!.status === 'reverted')
    const fatal = reverted.find(({ hash }) => !mayFail(hash))
    if (fatal)
      return {
        reason: `${fatal.hash} reverted with ${own[valid.indexOf(fatal)]!.output.slice(0, 74)}`,
      }
    const dropped = new Set(
      reverted.filter(({ hash }) => bundle.dropping.has(hash)).map(({ hash }) => hash),
    )
    if (dropped.size > 0) {
      wanted = wanted.filter(({ hash }) => !dropped.has(hash))
      continue
    }
    const gasUsed = sum(own.map((effect) => effect.gasUsed))
    if (gasUsed === 0n) return { reason: 'empty: nothing of it is left' }
    if (!haveRoom(txs, effects, env)) return { reason: 'no room under the gas limit' }
    return {
      draft: { txs, effects, ledger },
      behind: draft,
      paidWei: sum(own.map(({ paidWei }) => paidWei)),
      gasUsed,
    }
  }
}

/** A builder lives with this much less than a bundle paid for its gas alone (rbuilder, MIN_SIM_RESULT_PERCENTAGE). */
const leastPercent = 95n

/** A bundle that is still to be placed, and the trial that says what it is worth. */
interface Candidate {
  readonly bundle: RelayBundle
  readonly trial: Placed
  /** It paid less behind the others than alone, and was put back with what it paid there. */
  readonly putBack: boolean
}

/** The best payment for gas first. */
const byWorth = ({ trial: a }: Candidate, { trial: b }: Candidate): number => {
  const difference = b.paidWei * a.gasUsed - a.paidWei * b.gasUsed
  return difference > 0n ? 1 : difference < 0n ? -1 : 0
}

const isTooLow = (found: Placed, alone: Placed): boolean =>
  found.paidWei * alone.gasUsed * 100n < alone.paidWei * found.gasUsed * leastPercent

/**
 * Returns a block's bundles merged greedily, as rbuilder's ordering builder does: the best payment for gas first, each
 * simulated again behind those before it, and left out when it fails there. One that pays less for its gas there than
 * alone is put back once with what it pays there, and left out when it falls again. One whose nonces are missing waits
 * for the bundle that brings them.
 */
export const mergeBundles = async (
  bundles: readonly RelayBundle[],
  empty: Draft,
  env: BlockEnv,
  simulate: Simulate,
): Promise<{ readonly draft: Draft; readonly fates: readonly BundleFate[] }> => {
  const fates: BundleFate[] = []
  const leaveOut = (bundle: RelayBundle, reason: string): void => {
    fates.push({ bundle, included: false, reason, paidWei: 0n, gasUsed: 0n })
  }
  const queue: Candidate[] = []
  let early: RelayBundle[] = []
  let draft = empty

  const consider = async (fresh: readonly RelayBundle[]): Promise<void> => {
    const trials = await Promise.all(fresh.map((bundle) => place(bundle, draft, env, simulate)))
    early = []
    for (const [i, bundle] of fresh.entries()) {
      const trial = trials[i]!
      if (!('reason' in trial)) queue.push({ bundle, trial, putBack: false })
      else if (trial.isEarly) early.push(bundle)
      else leaveOut(bundle, trial.reason)
    }
  }

  await consider(bundles)
  for (;;) {
    const best = queue.sort(byWorth).shift()
    if (!best) {
      for (const bundle of early) leaveOut(bundle, 'nonce too high: what comes before is missing')
      return { draft, fates }
    }
    const { bundle, trial, putBack } = best
    const found = trial.behind === draft ? trial : await place(bundle, draft, env, simulate)
    if ('reason' in found) leaveOut(bundle, found.reason)
    else if (!isTooLow(found, trial)) {
      draft = found.draft
      const { paidWei, gasUsed } = found
      fates.push({ bundle, included: true, paidWei, gasUsed })
      await consider(early)
    } else if (putBack) leaveOut(bundle, 'pays less for its gas behind the others than alone')
    else queue.push({ bundle, trial: found, putBack: true })
  }
}
