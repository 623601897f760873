import type { PendingUpdate } from '../core/types/chain.ts'
import type { Plan, StandingTx } from '../core/types/plan.ts'
import type { HeldBundle } from './intents-memory.ts'

const updateTx = ({ txHash, rawTx }: PendingUpdate): StandingTx => ({
  txHash,
  rawTx,
  isOurs: false,
})

/**
 * Returns what must stand before a plan's bundle: the last open bundle for its block that is signed, whole, then the
 * plan's other updates; each transaction once, the plan's own update left out.
 */
export const standingBefore = (
  { ahead = [], behind }: Plan,
  open: readonly HeldBundle[],
): readonly StandingTx[] => {
  const last = open.findLast(({ signed }) => signed !== undefined)
  const all = [
    ...(last?.bundle.ahead ?? []),
    ...(last?.bundle.behind ? [updateTx(last.bundle.behind)] : []),
    ...(last?.signed ?? []).map(({ txHash, rawTx }) => ({ txHash, rawTx, isOurs: true })),
    ...ahead.map(updateTx),
  ]
  return all.filter(
    ({ txHash }, index) =>
      txHash !== behind?.txHash && all.findIndex((tx) => tx.txHash === txHash) === index,
  )
}
