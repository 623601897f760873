import type { Scenario } from '../sandbox/scenario.ts'
import type { Report } from './report.ts'

/** Returns what a run did not live up to, one sentence each. */
export const failedExpectations = (
  expect: Scenario['expect'],
  report: Report,
): readonly string[] => {
  const failed: string[] = []
  const within = (
    what: string,
    found: number | undefined,
    bounds?: { readonly min?: number | undefined; readonly max?: number | undefined },
  ): void => {
    if (!bounds) return
    if (bounds.min !== undefined && !(found !== undefined && found >= bounds.min))
      failed.push(`${what}: expected at least ${bounds.min}, found ${found ?? 'none'}`)
    if (bounds.max !== undefined && found !== undefined && found > bounds.max)
      failed.push(`${what}: expected at most ${bounds.max}, found ${found}`)
  }

  within('alerts', report.alerts.length, expect.alerts)
  within('liquidations', report.liquidations.length, expect.liquidations)
  within('bundles sent', report.bundles.sent, expect.bundlesSent)
  within('reverts', report.reverts, expect.reverts)
  within(
    'captured over brute force',
    report.capturedOverBruteForce ?? undefined,
    expect.capturedOverBruteForce,
  )
  within(
    'net over brute force',
    report.netOverBruteForce ?? undefined,
    expect.netOverBruteForce && { min: expect.netOverBruteForce.atLeast },
  )
  if (expect.firstLiquidationMs) {
    if (report.firstLiquidationMs === undefined)
      failed.push('first liquidation: expected one, found none')
    within('first liquidation (ms)', report.firstLiquidationMs, expect.firstLiquidationMs)
  }

  const asset = expect.alertBeforeFirstUpdateOf
  if (asset) {
    const update = report.oracleUpdates.find((candidate) => candidate.asset === asset)
    const alert = report.alerts.find(
      (candidate) => candidate.asset === asset && candidate.kind.startsWith('divergence'),
    )
    if (!update) failed.push(`alert before the first update of ${asset}: there was no update`)
    else if (!alert) failed.push(`alert before the first update of ${asset}: there was no alert`)
    else if (alert.atMs >= update.pendingAtMs)
      failed.push(
        `alert before the first update of ${asset}: the alert came ${Math.round(alert.atMs - update.pendingAtMs)} ms late`,
      )
  }

  if (expect.backruns) {
    const backruns = report.liquidations.filter(({ oracleTxIndex }) => oracleTxIndex !== undefined)
    const blocks = new Set(backruns.map(({ includedBlock }) => includedBlock))
    within('backruns', backruns.length, { min: expect.backruns.min })
    within('updates with backruns', blocks.size, { min: expect.backruns.updates })
  }
  return failed
}
