import type { Alert, Entry } from '../core/types/event.ts'

/**
 * Owns which matters are open, across sessions, and which alerts the queue has not confirmed.
 *
 * 1. A matter is told when it opens and when it is resolved, once each; its key names the matter, not the occasion.
 * 2. What an earlier session left open and this one finds again goes on in silence; what it does not find again within
 *    `graceMs` of being synced is resolved.
 * 3. An alert is undelivered until the queue has it on its disk.
 */
export interface AlertLedger {
  readonly state: AlertLedgerState
  /** False when telling it would tell the same again; takes note otherwise. */
  readonly admits: (alert: Alert) => boolean
  /** Resolutions of what an earlier session left open and this one has not found again by now. */
  readonly expired: (nowMs: number, isSynced: boolean) => readonly Alert[]
  /** Takes an entry of an earlier session as the journal has it. */
  readonly recall: (entry: Entry) => void
  /** A session begins: all that is open comes from an earlier one. */
  readonly noteStart: () => void
}

/** Plain data, to be cloned where a session of a replay begins. */
export interface AlertLedgerState {
  readonly open: Map<string, Alert>
  /** Keys of what an earlier session left open. */
  readonly carried: Set<string>
  /** By the journal entry that holds it. */
  readonly undelivered: Map<number, Alert>
  syncedMs: number | undefined
}

const graceMs = 300_000
/** What an outage of the queue may hold back over restarts; the oldest go first. */
const maxUndelivered = 1_000

/** Creates a ledger, empty or with what another knew. */
export const createAlertLedger = (
  state: AlertLedgerState = {
    open: new Map(),
    carried: new Set(),
    undelivered: new Map(),
    syncedMs: undefined,
  },
): AlertLedger => {
  const { open, carried, undelivered } = state

  const take = (alert: Alert): void => {
    carried.delete(alert.key)
    if (alert.status === 'open') open.set(alert.key, alert)
    else open.delete(alert.key)
  }
  const noteStart = (): void => {
    for (const key of open.keys()) carried.add(key)
    state.syncedMs = undefined
  }

  return {
    state,
    noteStart,
    admits: (alert) => {
      const wasOpen = open.has(alert.key)
      take(alert)
      return (alert.status === 'open') !== wasOpen
    },
    expired: (nowMs, isSynced) => {
      if (carried.size === 0) return []
      if (isSynced) state.syncedMs ??= nowMs
      if (state.syncedMs === undefined || nowMs - state.syncedMs < graceMs) return []
      return [...carried].flatMap((key) => {
        const alert = open.get(key)
        const text = 'Over: it was not found again after the restart.'
        return alert === undefined ? [] : [{ ...alert, status: 'resolved' as const, text }]
      })
    },
    recall: ({ seq, event, fact }) => {
      if (event?.type === 'start') noteStart()
      if (event?.type === 'alert-queued') undelivered.delete(event.entry)
      if (fact?.type !== 'alert') return
      take(fact.alert)
      undelivered.set(seq, fact.alert)
      if (undelivered.size > maxUndelivered) undelivered.delete(undelivered.keys().next().value!)
    },
  }
}
