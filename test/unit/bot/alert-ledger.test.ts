import { describe, expect, test } from 'vitest'
import { createAlertLedger } from '../../../bot/alert-ledger.ts'
import type { Alert } from '../../../core/types/event.ts'
import { sec } from '../../../core/units.ts'

const anAlert = (status: Alert['status'], key = 'divergence:ETH'): Alert => ({
  key,
  status,
  severity: 'warning',
  kind: 'divergence/lag',
  text: 'ETH oracle is 92 bps above the market.',
  block: 1,
  timestampSec: sec(1_700_000_000),
})

const recalled = (...alerts: readonly Alert[]) => {
  const ledger = createAlertLedger()
  for (const [i, alert] of alerts.entries()) {
    ledger.recall({ seq: i + 1, atMs: 0, fact: { type: 'alert', alert } })
  }
  ledger.noteStart()
  return ledger
}

describe('createAlertLedger', () => {
  test('tells an opening once, a resolution once, and the next opening again', () => {
    const { admits } = createAlertLedger()
    const told = ['open', 'open', 'resolved', 'resolved', 'open'] as const
    expect(told.map((status) => admits(anAlert(status)))).toEqual([true, false, true, false, true])
  })

  test('behavior: what is found again after a restart goes on in silence and is resolved once', () => {
    const ledger = recalled(anAlert('open'))
    expect(ledger.expired(0, true)).toEqual([])
    expect(ledger.admits(anAlert('open'))).toBe(false)
    expect(ledger.expired(600_000, true)).toEqual([])
    expect(ledger.admits(anAlert('resolved'))).toBe(true)
  })

  test('behavior: what is not found again is resolved five minutes after being synced', () => {
    const ledger = recalled(anAlert('open'))
    expect(ledger.expired(0, false)).toEqual([])
    expect(ledger.expired(900_000, true)).toEqual([])
    expect(ledger.expired(1_199_999, true)).toEqual([])
    const [over] = ledger.expired(1_200_000, true)
    expect(over).toMatchObject({ key: 'divergence:ETH', status: 'resolved' })
    expect(ledger.admits(over!)).toBe(true)
    expect(ledger.expired(1_300_000, true)).toEqual([])
  })

  test('behavior: an alert is undelivered until the queue confirms it', () => {
    const ledger = recalled(anAlert('open'), anAlert('open', 'head'))
    ledger.recall({ seq: 3, atMs: 0, event: { type: 'alert-queued', entry: 1 } })
    expect([...ledger.state.undelivered.keys()]).toEqual([2])
  })
})
