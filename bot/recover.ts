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
  /** True when the journal has no entries: with a key that was used before, do not go live on it. */
  readonly isNew: boolean
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
    isNew: journal.lastSeq === 0,
    unsettled: [...open.values()].map((known) => ({
      ...known,
      signed: bundles.get(known.bundle)?.signed?.find((tx) => tx.intent === known.intent.id),
    })),
  }
}
