/**
 * Writes the goldens of Aave V3 from 3.3 on anew, boundary cases of the shared vectors:
 * `npx tsx test/golden/write-aave-revisions.ts`. Of every class, as the vectors' makers tagged them and as the outcome is,
 * cases are taken in turn.
 */
import { writeFileSync } from 'node:fs'
import {
  type AccountVector,
  type EventVector,
  expectedOf,
  goldenRevision,
  type IndexVector,
  isOurs,
  type LiquidationVector,
  revisions,
} from '../support/aave-revisions.ts'
import { readAaveVectors } from '../support/aave-vectors.ts'

const perKind = { account: 44, index: 44, liquidation: 72, events: 60 } as const

const takeInTurn = <T>(cases: readonly T[], classOf: (it: T) => string, count: number): T[] => {
  const classes = new Map<string, T[]>()
  for (const it of cases) {
    const name = classOf(it)
    classes.set(name, [...(classes.get(name) ?? []), it])
  }
  const taken: T[] = []
  for (let turn = 0; taken.length < Math.min(count, cases.length); turn++)
    for (const one of classes.values()) {
      const next = one[turn]
      if (next !== undefined && taken.length < count) taken.push(next)
    }
  return taken
}

const isAbout = (factorWad: string, wantedWad: bigint): boolean => {
  const off = BigInt(factorWad) - wantedWad
  return off > -1_000n && off < 1_000n
}

const accountClass = ({ state, expect, t }: AccountVector): string => {
  const { healthFactor, totalDebtBase } = expect as Record<string, string>
  const owes = totalDebtBase !== '0'
  const edge = isAbout(healthFactor!, 10n ** 18n) || isAbout(healthFactor!, 95n * 10n ** 16n)
  const gated = state.reserves.some(({ lt, collateralFlag }) => lt === 0 && collateralFlag)
  const fresh = state.reserves.some(({ last }) => last === t)
  return `${owes}/${edge}/${gated}/${fresh}/${state.userEMode !== 0}`
}

const indexClass = ({ t, last, variableBorrowRate }: IndexVector): string =>
  `${String(Number(t) - Number(last)).length}/${variableBorrowRate.length}`

const liquidationClass = (it: LiquidationVector): string => {
  const expected = expectedOf(it)
  const outcome =
    typeof expected === 'string'
      ? expected
      : `${it.expect.protocolFee === '0'}/${it.expect.deficits!.length > 0}/${it.receiveAToken}/${it.state.userEMode !== 0}`
  return `${it.tag ?? ''}/${outcome}`
}

/** Without what no test looks at. */
const lean = (it: LiquidationVector): LiquidationVector => {
  const { revert, revertName, ...outcome } = it.expect
  if (revert !== undefined)
    return { ...it, expect: { revert, ...(revertName === undefined ? {} : { revertName }) } }
  const { debtRepaid, collateralToLiquidator, protocolFee, protocolFeeScaled } = outcome
  const after = outcome.after!.map(({ id, scaledA, scaledV, collateralFlag }) => ({
    ...{ id, scaledA, scaledV, collateralFlag },
  }))
  return {
    ...it,
    expect: {
      ...{ debtRepaid: debtRepaid!, collateralToLiquidator: collateralToLiquidator! },
      ...{ protocolFee: protocolFee!, protocolFeeScaled: protocolFeeScaled! },
      ...{ deficits: outcome.deficits!, after },
    },
  }
}

const eventsClass = ({ op, token, events }: EventVector): string =>
  `${op}/${token}/${events.map(({ event, direction }) => `${event}${direction ?? ''}`).join()}`

for (const revision of revisions) {
  const accounts = readAaveVectors<AccountVector>(`aave_r${revision}_account`)!
  const indexes = readAaveVectors<IndexVector>(`aave_r${revision}_index`)!
  const calls = readAaveVectors<LiquidationVector>(`aave_r${revision}_liquidation`)!
  const events = readAaveVectors<EventVector>(`aave_r${revision}_events`)!
  const kinds = {
    account: takeInTurn(accounts, accountClass, perKind.account),
    index: takeInTurn(indexes, indexClass, perKind.index),
    liquidation: takeInTurn(calls.filter(isOurs), liquidationClass, perKind.liquidation).map(lean),
    events: takeInTurn(events, eventsClass, perKind.events),
  }
  const lines = Object.entries(kinds).map(
    ([kind, cases]) => `"${kind}":[\n${cases.map((it) => JSON.stringify(it)).join(',\n')}]`,
  )
  writeFileSync(goldenRevision(revision), `{${lines.join(',\n')}}\n`)
}
