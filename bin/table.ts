import { columns } from './columns.ts'
import type { Report } from './report.ts'

const usd = (amount: number): string =>
  amount.toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 })

const inSeconds = (time: number | undefined): string =>
  time === undefined ? 'never' : `${(time / 1000).toFixed(1)} s`

const mostShown = 25

/** Returns the report as a person reads it. */
export const tableOf = (report: Report): string => {
  const shown = report.liquidations
    .toSorted((a, b) => b.profitUsd - a.profitUsd)
    .slice(0, mostShown)
    .toSorted((a, b) => a.includedBlock - b.includedBlock || a.txIndex - b.txIndex)
  const liquidations = columns([
    ['block', 'tx', 'strategy', 'account', 'collateral', 'debt', 'profit', 'bid wei', 'builder'],
    ...shown.map((row) => [
      String(row.includedBlock),
      row.oracleTxIndex === undefined
        ? String(row.txIndex)
        : `${row.txIndex} behind ${row.oracleTxIndex}`,
      row.strategy,
      `${row.id.split(':').at(-1)!.slice(0, 10)}…`,
      row.collateral,
      row.debt,
      usd(row.profitUsd),
      row.bidWei,
      row.builder,
    ]),
  ])
  const updates = columns([
    ['block', 'tx', 'asset', 'answer', 'seen', 'closed behind it'],
    ...report.oracleUpdates.map((update) => [
      String(update.block),
      String(update.txIndex),
      update.asset,
      update.answer,
      inSeconds(update.pendingAtMs),
      String(
        report.liquidations.filter(
          ({ includedBlock, oracleTxIndex }) =>
            includedBlock === update.block && oracleTxIndex === update.txIndex,
        ).length,
      ),
    ]),
  ])
  const alerts = columns([
    ['at', 'kind', 'asset', 'gap', 'block'],
    ...report.alerts.map((alert) => [
      inSeconds(alert.atMs),
      alert.kind,
      alert.asset ?? '',
      alert.gapBps === undefined ? '' : `${alert.gapBps.toFixed(0)} bps`,
      String(alert.openedBlock),
    ]),
  ])
  const total = report.liquidations.reduce((sum, { profitUsd }) => sum + profitUsd, 0)
  const { bruteForce, bundles } = report
  const captured =
    report.capturedOverBruteForce === null
      ? 'brute force finds nothing that pays'
      : `${(100 * report.capturedOverBruteForce).toFixed(2)} % of what brute force finds; ${bruteForce.taken} of ${bruteForce.positions} positions`
  const kept =
    report.netOverBruteForce === null
      ? ''
      : `; ${(100 * report.netOverBruteForce).toFixed(2)} % is left after bids and gas`
  return [
    `Scenario ${report.scenario}, ${inSeconds(report.wallMs)}`,
    '',
    ...(report.alerts.length > 0 ? ['Alerts', alerts, ''] : ['No alerts.', '']),
    ...(report.oracleUpdates.length > 0 ? ['Oracle updates', updates, ''] : []),
    ...(report.liquidations.length > 0
      ? [
          `Liquidations (${report.liquidations.length}${report.liquidations.length > shown.length ? `, the ${shown.length} largest` : ''})`,
          liquidations,
          '',
        ]
      : ['No liquidations.', '']),
    `first alert ${inSeconds(report.firstAlertMs)}, first liquidation ${inSeconds(report.firstLiquidationMs)}`,
    `bundles: ${bundles.sent} sent, ${bundles.included} included, ${bundles.missed} missed, ${bundles.expired} expired; ${report.reverts} reverts`,
    `profit ${usd(total)} to the treasury: ${
      Object.entries(report.treasuryDelta)
        .map(([symbol, amount]) => `${amount} ${symbol} (raw)`)
        .join(', ') || 'nothing'
    }`,
    `captured: ${captured}${kept}`,
    ...(Object.keys(report.stranded).length > 0
      ? [`stranded in the executor: ${JSON.stringify(report.stranded)}`]
      : []),
    ...(report.failed.length > 0
      ? ['', 'FAILED', ...report.failed.map((fault) => `  ${fault}`)]
      : ['', 'All expectations hold.']),
  ].join('\n')
}
