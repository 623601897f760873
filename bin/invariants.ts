import type { Report, ReportedLiquidation } from './report.ts'

const same = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())

/** Liquidations behind one update stand in transactions right behind it, without a gap. */
const gapsBehindUpdates = (liquidations: readonly ReportedLiquidation[]): readonly string[] => {
  const byUpdate = new Map<string, Set<number>>()
  for (const { includedBlock, oracleTxIndex, txIndex } of liquidations) {
    if (oracleTxIndex === undefined) continue
    const key = `block ${includedBlock} index ${oracleTxIndex}`
    byUpdate.set(key, (byUpdate.get(key) ?? new Set()).add(txIndex - oracleTxIndex))
  }
  return [...byUpdate].flatMap(([update, offsets]) =>
    [...offsets].sort((a, b) => a - b).every((offset, index) => offset === index + 1)
      ? []
      : [
          `behind the update in ${update}: transactions stand at offsets ${[...offsets].join(', ')}, not right behind it`,
        ],
  )
}

/** Returns what no run may show, whatever its scenario expects. */
export const brokenInvariants = (
  report: Report,
  chain: { readonly landed: number; readonly mismatches: readonly string[] },
): readonly string[] => [
  ...(same(report.profit, report.treasuryDelta)
    ? []
    : [
        `profit by events ${JSON.stringify(report.profit)} is not the treasury's ${JSON.stringify(report.treasuryDelta)}`,
      ]),
  ...(Object.keys(report.stranded).length === 0
    ? []
    : [`stranded in the executor: ${JSON.stringify(report.stranded)}`]),
  ...(report.liquidations.length === chain.landed
    ? []
    : [
        `the chain holds ${chain.landed} liquidations, the journal explains ${report.liquidations.length}`,
      ]),
  ...report.liquidations
    .filter(
      ({ parentAsPlanned, plannedProfitWei, profitWei }) =>
        parentAsPlanned && plannedProfitWei !== profitWei,
    )
    .map(
      ({ id, plannedProfitWei, profitWei }) =>
        `${id}: planned ${plannedProfitWei} wei, landed ${profitWei} on the planned state`,
    ),
  ...gapsBehindUpdates(report.liquidations),
  ...chain.mismatches,
]
