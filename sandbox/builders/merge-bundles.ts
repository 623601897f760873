import type { Hex } from '../../core/types/chain.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'
import type { BlockEnv } from './block-env.ts'
import type { Ledger } from './ledger.ts'
import type { RelayBundle } from './relay-bundle.ts'
import { attempt, type Outcome, type Simulate } from './simulate.ts'

/** What became of a bundle in one block. */
export interface BundleVerdict {
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
  readonly outcomes: readonly Outcome[]
  readonly ledger: Ledger
}

type Trial =
  | { readonly draft: Draft; readonly paidWei: bigint; readonly gasUsed: bigint }
  | { readonly reason: string }

const sum = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, amount) => total + amount, 0n)

/** Puts a bundle behind a draft, or says why it cannot stand there. A transaction that stands already is not repeated. */
const place = async (
  bundle: RelayBundle,
  draft: Draft,
  env: BlockEnv,
  simulate: Simulate,
): Promise<Trial> => {
  const standing = new Set(draft.txs.map(({ hash }) => hash))
  const mayFail = (hash: Hex): boolean => bundle.reverting.has(hash) || bundle.dropping.has(hash)
  let fresh = bundle.txs.filter(({ hash }) => !standing.has(hash))
  for (;;) {
    const ledger = draft.ledger.fork()
    const valid: DecodedTx[] = []
    for (const tx of fresh) {
      const fault = ledger.fault(tx)
      if (fault && !mayFail(tx.hash))
        return { reason: `${tx.hash}: ${fault.kind}: ${fault.detail}` }
      if (fault) continue
      ledger.spend(tx)
      valid.push(tx)
    }
    const txs = [...draft.txs, ...valid]
    const attempted = await attempt(simulate, txs, env)
    if ('refusal' in attempted) return { reason: `cannot be executed: ${attempted.refusal}` }
    const { outcomes } = attempted
    const own = outcomes.slice(draft.txs.length)
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
      fresh = valid.filter(({ hash }) => !dropped.has(hash))
      continue
    }
    const gasUsed = sum(own.map((outcome) => outcome.gasUsed))
    if (gasUsed === 0n) return { reason: 'empty: nothing of it is left' }
    if (sum(txs.map(({ gasLimit }) => gasLimit)) > env.gasLimit)
      return { reason: 'no room under the gas limit' }
    return {
      draft: { txs, outcomes, ledger },
      paidWei: sum(own.map(({ paidWei }) => paidWei)),
      gasUsed,
    }
  }
}

/**
 * Returns a block's bundles merged greedily, as Flashbots' rule has it: the best payment for gas first, each simulated
 * again behind those before it, and left out when it fails there or pays less for its gas than alone; what it shares with
 * them is paid once, and then the comparison says nothing.
 */
export const mergeBundles = async (
  bundles: readonly RelayBundle[],
  empty: Draft,
  env: BlockEnv,
  simulate: Simulate,
): Promise<{ readonly draft: Draft; readonly verdicts: readonly BundleVerdict[] }> => {
  const alone = await Promise.all(
    bundles.map(async (bundle) => ({ bundle, trial: await place(bundle, empty, env, simulate) })),
  )
  const verdicts: BundleVerdict[] = []
  const leaveOut = (bundle: RelayBundle, reason: string): void => {
    verdicts.push({ bundle, included: false, reason, paidWei: 0n, gasUsed: 0n })
  }
  const sound = alone.flatMap(({ bundle, trial }) => {
    if (!('reason' in trial)) return [{ bundle, trial }]
    leaveOut(bundle, trial.reason)
    return []
  })
  sound.sort((a, b) => {
    const difference = b.trial.paidWei * a.trial.gasUsed - a.trial.paidWei * b.trial.gasUsed
    return difference > 0n ? 1 : difference < 0n ? -1 : 0
  })

  let draft = empty
  for (const { bundle, trial } of sound) {
    const standing = draft.txs.length === 0 ? trial : await place(bundle, draft, env, simulate)
    if ('reason' in standing) leaveOut(bundle, standing.reason)
    else if (
      !bundle.txs.some(({ hash }) => draft.txs.some((tx) => tx.hash === hash)) &&
      standing.paidWei * trial.gasUsed < trial.paidWei * standing.gasUsed
    )
      leaveOut(bundle, 'pays less for its gas behind the others than alone')
    else {
      draft = standing.draft
      verdicts.push({
        bundle,
        included: true,
        paidWei: standing.paidWei,
        gasUsed: standing.gasUsed,
      })
    }
  }
  return { draft, verdicts }
}
