import type { Address } from '../core/types/chain.ts'
import type { Entry, Operator, Outcome, Receipt } from '../core/types/event.ts'
import type { Bundle, Intent, SignedTx } from '../core/types/plan.ts'
import { type Loss, lossOf } from './loss-breaker.ts'

/**
 * Owns what is known of every plan that was given a nonce, from the `bundle` fact until no reorg can undo its end.
 *
 * 1. It takes facts and events as they stand and concludes nothing: an earlier session's journal comes to the same memory
 *    as the session itself had.
 * 2. A nonce beyond all that we ever signed was used by another, or by us in a journal that is lost: the operator is
 *    foreign from then on, until a session begins by accepting the nonces that the chain gives.
 * 3. After a reorg what was mined in a replaced block is open again, and so is what was signed for one of them and
 *    missed, since the executor takes it there still; only the chain knows the nonces.
 */
export interface IntentsMemory {
  readonly state: IntentsState
  /** A session begins: what the chain mined is read from the chain. */
  readonly noteStart: (acceptsNonces: boolean) => void
  readonly noteOperators: (operators: readonly Operator[]) => void
  readonly noteBundle: (bundle: Bundle) => void
  /** False when the bundle is unknown or has its transactions already. */
  readonly noteSigned: (bundle: string, signed: readonly SignedTx[]) => boolean
  /** Undefined when the intent is unknown or its end is known to be this one. */
  readonly noteReceipt: (receipt: Receipt) => Intent | undefined
  /** A log named the intent's transaction. */
  readonly noteLanded: (intent: Intent, block: number) => void
  readonly noteReorg: (block: number) => void
  readonly close: (intent: string, outcome: Outcome) => void
  /** Takes an entry of an earlier session as the journal has it. */
  readonly recall: (entry: Entry) => void
}

/** Plain data, to be cloned where a session of a replay begins. */
export interface IntentsState {
  operators: readonly Operator[]
  /** One more than the last nonce of ours that the chain mined, by operator. */
  readonly mined: Map<string, number>
  /** The highest next nonce that our own doing explains, or that was accepted, by operator; none explains 0. */
  readonly explained: Map<string, number>
  /** True until the chain has given the nonces that the session began by accepting. */
  acceptsNonces: boolean
  readonly foreign: Set<string>
  readonly bundles: Map<string, HeldBundle>
  readonly open: Map<string, OpenIntent>
  readonly closed: Map<string, ClosedIntent>
  /** Block that is known to hold an open intent's transaction. */
  readonly landed: Map<string, number>
  /** What intents lost, by intent. */
  readonly losses: Map<string, Loss>
}

export interface HeldBundle {
  readonly bundle: Bundle
  readonly signed?: readonly SignedTx[]
}

export interface OpenIntent {
  readonly intent: Intent
  readonly bundle: string
}

export interface ClosedIntent extends OpenIntent {
  readonly outcome: Outcome
  readonly block: number
}

/** Blocks behind a new bundle's target in which a reorg may still reopen what was closed. */
const keptBlocks = 128
/** More than a day of blocks of any chain that has a second between them, beyond those. */
const keptLossBlocks = 100_000

/** Returns the key of an operator in every map. */
export const operatorKey = (address: Address): string => address.toLowerCase()

const nothing = (): IntentsState => ({
  operators: [],
  mined: new Map(),
  explained: new Map(),
  acceptsNonces: false,
  foreign: new Set(),
  bundles: new Map(),
  open: new Map(),
  closed: new Map(),
  landed: new Map(),
  losses: new Map(),
})

const raise = (map: Map<string, number>, key: string, nonce: number): void => {
  if (nonce > (map.get(key) ?? -1)) map.set(key, nonce)
}

/** Returns what a receipt says of its intent. */
export const outcomeOf = (receipt: Receipt): Outcome =>
  receipt.status === 'success' ? 'included' : 'reverted'

/** Creates a memory, empty or with what another knew. */
export const createIntentsMemory = (state: IntentsState = nothing()): IntentsMemory => {
  const { mined, explained, foreign, bundles, open, closed, landed, losses } = state

  const forgetBefore = (block: number): void => {
    for (const [id, { block: at }] of closed) if (at < block) closed.delete(id)
    const needed = new Set([...open.values(), ...closed.values()].map((known) => known.bundle))
    for (const id of bundles.keys()) if (!needed.has(id)) bundles.delete(id)
    for (const [id, loss] of losses) if (loss.block < block - keptLossBlocks) losses.delete(id)
  }

  const noteMined = ({ operator, nonce }: Intent): void => {
    raise(mined, operatorKey(operator), nonce + 1)
    raise(explained, operatorKey(operator), nonce + 1)
  }

  const memory: IntentsMemory = {
    state,
    noteStart: (acceptsNonces) => {
      mined.clear()
      state.acceptsNonces = acceptsNonces
      if (acceptsNonces) foreign.clear()
    },
    noteOperators: (operators) => {
      state.operators = operators
      for (const { address, nonce } of operators) {
        const key = operatorKey(address)
        if (state.acceptsNonces) raise(explained, key, nonce)
        else if (nonce > (explained.get(key) ?? 0)) foreign.add(key)
      }
      state.acceptsNonces = false
    },
    noteBundle: (bundle) => {
      forgetBefore(bundle.targetBlock - keptBlocks)
      bundles.set(bundle.id, { bundle })
      for (const intent of bundle.intents) open.set(intent.id, { intent, bundle: bundle.id })
    },
    noteSigned: (id, signed) => {
      const held = bundles.get(id)
      if (held === undefined || held.signed !== undefined) return false
      bundles.set(id, { ...held, signed })
      for (const { operator, nonce } of held.bundle.intents) {
        raise(explained, operatorKey(operator), nonce + 1)
      }
      return true
    },
    noteReceipt: (receipt) => {
      const known = open.get(receipt.intent) ?? closed.get(receipt.intent)
      if (known === undefined) return undefined
      noteMined(known.intent)
      const loss = lossOf(receipt)
      if (loss === undefined) losses.delete(receipt.intent)
      else losses.set(receipt.intent, loss)
      const end = closed.get(receipt.intent)
      if (end?.outcome === outcomeOf(receipt) && end.block === receipt.block) return undefined
      landed.set(receipt.intent, receipt.block)
      return known.intent
    },
    noteLanded: (intent, block) => {
      landed.set(intent.id, block)
      noteMined(intent)
    },
    noteReorg: (block) => {
      mined.clear()
      landed.clear()
      for (const [id, loss] of losses) if (loss.block >= block) losses.delete(id)
      for (const [id, { intent, bundle, outcome, block: at }] of closed) {
        const cannotLand = outcome === 'missed' && bundles.get(bundle)?.signed === undefined
        if (cannotLand || at < block) continue
        closed.delete(id)
        open.set(id, { intent, bundle })
      }
    },
    close: (id, outcome) => {
      const known = open.get(id) ?? closed.get(id)
      if (known === undefined) return
      const block = landed.get(id) ?? known.intent.deadlineBlock
      open.delete(id)
      landed.delete(id)
      closed.set(id, { intent: known.intent, bundle: known.bundle, outcome, block })
    },
    recall: ({ event, fact }) => {
      if (event?.type === 'start') memory.noteStart(event.acceptsNonces === true)
      if (event?.type === 'receipt') memory.noteReceipt(event.receipt)
      if (event?.type === 'operators') memory.noteOperators(event.operators)
      if (event?.type === 'signed') memory.noteSigned(event.bundle, event.signed)
      if (event?.type === 'reorg') memory.noteReorg(event.block)
      if (fact?.type === 'bundle') memory.noteBundle(fact.bundle)
      if (fact?.type === 'settled') memory.close(fact.intent, fact.outcome)
    },
  }
  return memory
}
