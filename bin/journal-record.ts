import { readJournal } from '../bot/read-journal.ts'
import type { Reason } from '../core/reasons.ts'
import type { Alert, Outcome, Receipt } from '../core/types/event.ts'
import type { Bundle, Intent } from '../core/types/plan.ts'
import type { Ms } from '../core/units.ts'
import { ms } from '../core/units.ts'

/** What a run's journal says happened inside the bot. */
export interface JournalRecord {
  readonly alerts: readonly { readonly alert: Alert; readonly atMs: Ms }[]
  readonly bundles: readonly Bundle[]
  readonly intents: ReadonlyMap<string, Intent>
  /** Bundles that at least one builder accepted. */
  readonly accepted: ReadonlySet<string>
  /** Bundles that were signed and handed to the builders. */
  readonly signed: ReadonlySet<string>
  readonly receipts: readonly Receipt[]
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** The last reason for doing nothing, by position. */
  readonly reasons: ReadonlyMap<string, Reason>
}

/** Reads a journal once, from the first entry to the last. */
export const readJournalRecord = (file: string): JournalRecord => {
  const alerts: { alert: Alert; atMs: Ms }[] = []
  const bundles: Bundle[] = []
  const intents = new Map<string, Intent>()
  const accepted = new Set<string>()
  const signed = new Set<string>()
  const receipts: Receipt[] = []
  const outcomes = new Map<string, Outcome>()
  const reasons = new Map<string, Reason>()

  for (const { atMs, event, fact } of readJournal(file)) {
    if (event?.type === 'signed') signed.add(event.bundle)
    if (event?.type === 'relay' && event.answer.accepted) accepted.add(event.answer.bundle)
    if (event?.type === 'receipt') receipts.push(event.receipt)
    if (fact?.type === 'alert') alerts.push({ alert: fact.alert, atMs: ms(atMs) })
    if (fact?.type === 'settled') outcomes.set(fact.intent, fact.outcome)
    if (fact?.type === 'refusal') reasons.set(fact.position, fact.reason)
    if (fact?.type === 'bundle') {
      bundles.push(fact.bundle)
      for (const intent of fact.bundle.intents) intents.set(intent.id, intent)
    }
  }
  return { alerts, bundles, intents, accepted, signed, receipts, outcomes, reasons }
}
