import type { Alert, Entry } from '../core/types/event.ts'
import type { SignedTx } from '../core/types/plan.ts'
import { type AlertLedger, createAlertLedger } from './alert-ledger.ts'
import { createIntentsMemory, type IntentsMemory, type OpenIntent } from './intents-memory.ts'
import { type Journal, openJournal } from './journal.ts'

/** An intent of an earlier session that had not ended: its receipt must be asked for before the first `synced`. */
export interface UnsettledIntent extends OpenIntent {
  readonly signed: SignedTx | undefined
}

/** An alert that an earlier session told and its queue did not confirm. */
export interface UndeliveredAlert {
  /** The journal's entry that holds it. */
  readonly entry: number
  readonly alert: Alert
}

export interface Recovery {
  readonly journal: Journal
  readonly memory: IntentsMemory
  /** The next nonce of each operator that the journal explains, by its address in lower case; none explains 0. */
  readonly explainedNonces: ReadonlyMap<string, number>
  readonly unsettled: readonly UnsettledIntent[]
  readonly alerts: AlertLedger
  readonly undelivered: readonly UndeliveredAlert[]
}

/**
 * Opens a journal and takes from it what earlier sessions did: leases, signatures, ends. Nothing is planned or signed
 * anew, so that other parameters cannot give a second nonce to what can still land. Throws ConfigError as the journal does.
 */
export const recover = (file: string, warn: (text: string) => void): Recovery => {
  const memory = createIntentsMemory()
  const alerts = createAlertLedger()
  const recall = (entry: Entry): void => {
    memory.recall(entry)
    alerts.recall(entry)
  }
  const journal = openJournal({ file, recall, warn })
  const { open, bundles } = memory.state
  return {
    journal,
    memory,
    alerts,
    undelivered: [...alerts.state.undelivered].map(([entry, alert]) => ({ entry, alert })),
    explainedNonces: new Map(memory.state.explained),
    unsettled: [...open.values()].map((known) => ({
      ...known,
      signed: bundles.get(known.bundle)?.signed?.find((tx) => tx.intent === known.intent.id),
    })),
  }
}
