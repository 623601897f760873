import type { Address } from '../../core/types/chain.ts'
import { type DecodedTx, effectiveTipWei } from '../node/decoded-tx.ts'
import type { BlockEnv } from './block-env.ts'
import type { Draft } from './merge-bundles.ts'
import { attempt, type Effect, type Simulate } from './simulate.ts'

/** What stands behind a block's bundles, and what simulation says of the whole block. */
export interface FilledBlock {
  readonly publicTxs: readonly DecodedTx[]
  readonly effects: readonly Effect[]
}

const queuesOf = (pending: readonly DecodedTx[]): Map<Address, DecodedTx[]> => {
  const queues = new Map<Address, DecodedTx[]>()
  for (const tx of pending) {
    const queue = queues.get(tx.from)
    if (queue) queue.push(tx)
    else queues.set(tx.from, [tx])
  }
  for (const queue of queues.values()) queue.sort((a, b) => a.nonce - b.nonce)
  return queues
}

/** The highest tip for gas first, each sender's in the order of nonces, as far as the gas limit reaches. */
const choose = (
  pending: readonly DecodedTx[],
  draft: Draft,
  env: BlockEnv,
  covered: boolean,
): readonly DecodedTx[] => {
  const ledger = draft.ledger.fork()
  const queues = queuesOf(pending)
  const chosen: DecodedTx[] = []
  let gas = draft.effects.reduce((total, { gasUsed }) => total + gasUsed, 0n)
  for (;;) {
    let best: DecodedTx | undefined
    let bestTipWei = 0n
    for (const [head] of queues.values()) {
      const tipWei = effectiveTipWei(head!, env.baseFeeWei)
      if (best && tipWei <= bestTipWei) continue
      best = head
      bestTipWei = tipWei
    }
    if (!best) return chosen
    const queue = queues.get(best.from)!
    queue.shift()
    if (queue.length === 0) queues.delete(best.from)
    const fault = ledger.fault(best)
    if (fault?.kind === 'nonce too low') continue
    const fits = gas + best.gasLimit <= env.gasLimit && (!covered || ledger.covers(best))
    if (fault || !fits) {
      // Nothing of this sender can come behind what is missing.
      queues.delete(best.from)
      continue
    }
    ledger.spend(best)
    chosen.push(best)
    gas += best.gasLimit
  }
}

/**
 * Returns the public transactions that stand behind a block's bundles. When one of them turns out impossible, only senders
 * stay whose money covers the most that all of theirs may cost; when that is not enough, none.
 */
export const fillBlock = async (
  pending: readonly DecodedTx[],
  draft: Draft,
  env: BlockEnv,
  simulate: Simulate,
): Promise<FilledBlock> => {
  for (const covered of [false, true]) {
    const publicTxs = choose(pending, draft, env, covered)
    if (publicTxs.length === 0) break
    const attempted = await attempt(simulate, [...draft.txs, ...publicTxs], env)
    if ('effects' in attempted) return { publicTxs, effects: attempted.effects }
  }
  return { publicTxs: [], effects: draft.effects }
}
