import { describe, expect, test } from 'vitest'
import { checkMorphoCase } from '../../../support/morpho-checks.ts'
import {
  type MorphoKind,
  type MorphoVectors,
  morphoKinds,
  readMorphoVectors,
} from '../../../support/morpho-vectors.ts'

interface Verdict {
  readonly ours: unknown
  readonly theirs: unknown
}

const expectEqual = (kind: MorphoKind, { _about, cases }: MorphoVectors<unknown>): void => {
  const check = checkMorphoCase[kind] as (it: unknown, params: unknown) => Verdict
  for (const it of cases) {
    const { ours, theirs } = check(it, _about.params)
    expect(ours, JSON.stringify(it)).toEqual(theirs)
  }
}

/** How many cases the shared data has of each kind. */
const counts: Readonly<Record<MorphoKind, number>> = {
  wexp: 219,
  adaptive_curve_irm: 600,
  accrue_adaptive: 230,
  chainlink_oracle_v2: 350,
  pre_liquidation: 309,
}

describe.each(morphoKinds)('%s', (kind) => {
  const { golden, shared } = readMorphoVectors<unknown>(kind)

  test('default: equals the genuine contract in the boundary cases', () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(40)
    expectEqual(kind, golden)
  })

  test.skipIf(shared === undefined)(
    `default: equals the genuine contract in all shared cases${shared ? '' : ' (skipped: set BAILIFF_SHARED)'}`,
    () => {
      expect(shared!.cases).toHaveLength(counts[kind])
      expectEqual(kind, shared!)
    },
  )
})
