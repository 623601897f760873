import type { SignedTx } from '../core/types/plan.ts'
import { createIntentsMemory, type IntentsMemory, type OpenIntent } from './intents-memory.ts'
import { type Journal, openJournal } from './journal.ts'

/** An intent of an earlier session that had not ended: its receipt must be asked for before the first `synced`. */
export interface UnsettledIntent extends OpenIntent {
  readonly signed: SignedTx | undefined
}

export interface Recovery {
  readonly journal: Journal
  readonly memory: IntentsMemory
  /** The next nonce of each operator that the journal explains, by its address in lower case; none explains 0. */
  readonly explainedNonces: ReadonlyMap<string, number>
  readonly unsettled: readonly UnsettledIntent[]
}

/**
 * Opens a journal and takes from it what earlier sessions did: leases, signatures, ends. Nothing is planned or signed
 * anew, so that other parameters cannot give a second nonce to what can still land. Throws ConfigError as the journal does.
 */
export const recover = (file: string, warn: (text: string) => void): Recovery => {
  const memory = createIntentsMemory()
  const journal = openJournal({ file, recall: memory.recall, warn })
  const { open, bundles } = memory.state
  return {
    journal,
    memory,
    explainedNonces: new Map(memory.state.explained),
    unsettled: [...open.values()].map((known) => ({
      ...known,
      signed: bundles.get(known.bundle)?.signed?.find((tx) => tx.intent === known.intent.id),
    })),
  }
}
