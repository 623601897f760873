import type { Event, Operator, Outcome, Receipt } from '../core/types/event.ts'
import type { Bundle, Intent, Plan, SignedTx } from '../core/types/plan.ts'
import { type HeldBundle, type IntentsMemory, operatorKey, outcomeOf } from './intents-memory.ts'
import type { Loss } from './loss-breaker.ts'
import { standingBefore } from './standing-before.ts'

/**
 * The state machine of intents over their memory.
 *
 * planned -> journalled -> signed -> included | missed | reverted; included -> reorged -> open again.
 *
 * 1. An operator holds at most one open intent; an intent has one operator and one nonce, for ever.
 * 2. A nonce is what the chain says, or one more than the last of ours that the chain mined, whichever is higher;
 *    a session begins with the chain's word alone.
 * 3. An intent closes on its receipt, or when the head reaches its target without one; then its nonce is free again,
 *    since the executor refuses it in any later block. A receipt that comes later corrects.
 * 4. A transaction that a log names is no miss: its nonce is taken at once, and its receipt is awaited two blocks.
 * 5. A receipt may come before its block does. Until then the book shows the position as it was, so it stays in flight.
 */
export interface Intents {
  /** Positions of open intents, and of closed ones whose block the book has not seen. */
  readonly inFlight: ReadonlySet<string>
  /** Operators whose nonce another has used, in lower case. */
  readonly foreign: ReadonlySet<string>
  /** What mined intents lost, kept for a day of blocks and more. */
  readonly losses: () => Iterable<Loss>
  /** True while a bundle for this block is not signed yet. */
  readonly isSigning: (block: number) => boolean
  /** Plans of open intents for this block, in the order of leasing. */
  readonly openPlans: (block: number) => readonly Plan[]
  /** Takes an event and returns what it settles, in the order of leasing, and the bundle that it completes. */
  readonly observe: (event: Event) => Progress
  /** Gives each plan a free operator and a nonce, in order, and remembers the bundle; plans without one are left over. */
  readonly lease: (bundle: string, plans: readonly Plan[]) => Lease
}

export interface Progress {
  readonly settled: readonly Settlement[]
  /** A bundle with all its transactions, none of whose intents is closed; said once. */
  readonly signed?: Signed
}

export interface Settlement {
  readonly intent: Intent
  readonly outcome: Outcome
  readonly receipt?: Receipt
  readonly wasSigned: boolean
}

export interface Signed {
  readonly bundle: Bundle
  readonly signed: readonly SignedTx[]
}

export interface Lease {
  readonly bundle: Bundle | undefined
  readonly leftOver: readonly Plan[]
}

const receiptBlocks = 2
const nothing: Progress = { settled: [] }

/** Creates the state machine over a memory that it alone writes from now on. */
export const createIntents = (memory: IntentsMemory): Intents => {
  const { state } = memory
  const { mined, foreign, bundles, open, closed, landed } = state
  let inFlight: ReadonlySet<string> = new Set()
  let headNumber = 0

  const refreshInFlight = (): void => {
    const unseen = [...closed.values()].filter(
      ({ outcome, block }) => outcome !== 'missed' && block > headNumber,
    )
    inFlight = new Set(
      [...open.values(), ...unseen].flatMap(({ intent }) =>
        intent.plan.items.map((item) => item.position),
      ),
    )
  }

  const settleByReceipt = (receipt: Receipt): Progress => {
    const intent = memory.noteReceipt(receipt)
    if (intent === undefined) return nothing
    const outcome = outcomeOf(receipt)
    memory.close(intent.id, outcome)
    return { settled: [{ intent, outcome, receipt, wasSigned: true }] }
  }

  const settleByHead = (head: number): Progress => {
    headNumber = head
    const settled: Settlement[] = []
    for (const [id, { intent, bundle }] of [...open]) {
      const at = landed.get(id)
      if (intent.deadlineBlock > head || (at !== undefined && head < at + receiptBlocks)) continue
      const outcome: Outcome = at === undefined ? 'missed' : 'included'
      memory.close(id, outcome)
      settled.push({ intent, outcome, wasSigned: bundles.get(bundle)?.signed !== undefined })
    }
    return { settled }
  }

  const noteLogs = ({ head, changes }: Extract<Event, { type: 'block' }>): void => {
    if (open.size === 0) return
    const ours = new Map<string, string>()
    for (const { bundle } of open.values()) {
      for (const { txHash, intent } of bundles.get(bundle)?.signed ?? []) ours.set(txHash, intent)
    }
    for (const change of changes) {
      const id = change.type === 'aave/liquidation' ? ours.get(change.txHash) : undefined
      const known = id === undefined ? undefined : open.get(id)
      if (known !== undefined) memory.noteLanded(known.intent, head.number)
    }
  }

  const progressOf = (event: Event): Progress => {
    switch (event.type) {
      case 'start':
        memory.noteStart(event.acceptsNonces === true)
        return nothing
      case 'operators':
        memory.noteOperators(event.operators)
        return nothing
      case 'reorg':
        memory.noteReorg(event.block)
        return nothing
      case 'receipt':
        return settleByReceipt(event.receipt)
      case 'block':
        noteLogs(event)
        return settleByHead(event.head.number)
      case 'synced':
        return settleByHead(event.head.number)
      case 'signed': {
        if (!memory.noteSigned(event.bundle, event.signed)) return nothing
        const bundle = bundles.get(event.bundle)?.bundle
        const isWhole = bundle?.intents.every(
          ({ id }) => !closed.has(id) && event.signed.some((tx) => tx.intent === id),
        )
        return bundle !== undefined && isWhole === true
          ? { settled: [], signed: { bundle, signed: event.signed } }
          : nothing
      }
      default:
        return nothing
    }
  }

  /** The first that is free, ours alone, and has gas for the whole limit. */
  const operatorFor = (plan: Plan, taken: ReadonlySet<string>): Operator | undefined =>
    state.operators.find(({ address, balanceWei }) => {
      const key = operatorKey(address)
      const most = (plan.gasLimit as bigint) * (plan.maxFeePerGasWei as bigint)
      return !taken.has(key) && !foreign.has(key) && balanceWei >= most
    })

  const openFor = (block: number): readonly HeldBundle[] =>
    [...new Set([...open.values()].map(({ bundle }) => bundle))].flatMap((id) => {
      const held = bundles.get(id)
      return held?.bundle.targetBlock === block ? [held] : []
    })

  refreshInFlight()
  return {
    foreign,
    losses: () => state.losses.values(),
    isSigning: (block) => openFor(block).some(({ signed }) => signed === undefined),
    openPlans: (block) =>
      openFor(block).flatMap(({ bundle }) => bundle.intents.map(({ plan }) => plan)),
    get inFlight() {
      return inFlight
    },
    observe: (event) => {
      const progress = progressOf(event)
      if (progress.settled.length > 0 || inFlight.size > 0 || event.type === 'reorg') {
        refreshInFlight()
      }
      return progress
    },
    lease: (id, plans) => {
      const taken = new Set([...open.values()].map(({ intent }) => operatorKey(intent.operator)))
      const intents: Intent[] = []
      const leftOver: Plan[] = []
      for (const plan of plans) {
        const operator = operatorFor(plan, taken)
        if (operator === undefined) {
          leftOver.push(plan)
          continue
        }
        const key = operatorKey(operator.address)
        taken.add(key)
        intents.push({
          id: `${id}/${intents.length}`,
          plan,
          operator: operator.address,
          nonce: Math.max(operator.nonce, mined.get(key) ?? 0),
          deadlineBlock: plan.targetBlock,
        })
      }
      const first = intents[0]?.plan
      if (first === undefined) return { bundle: undefined, leftOver }
      const ahead = standingBefore(first, openFor(first.targetBlock))
      const bundle: Bundle = {
        id,
        targetBlock: first.targetBlock,
        ...(ahead.length === 0 ? {} : { ahead }),
        ...(first.behind === undefined ? {} : { behind: first.behind }),
        intents,
      }
      memory.noteBundle(bundle)
      refreshInFlight()
      return { bundle, leftOver }
    },
  }
}
