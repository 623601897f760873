import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export const morphoKinds = [
  'wexp',
  'adaptive_curve_irm',
  'accrue_adaptive',
  'chainlink_oracle_v2',
  'pre_liquidation',
] as const

export type MorphoKind = (typeof morphoKinds)[number]

/** Whole numbers are text in the files; a field whose value is no number keeps it. */
export type Json = string | number | null | { readonly [key: string]: Json } | readonly Json[]

export interface MorphoVectors<Case> {
  readonly _about: { readonly [key: string]: Json }
  readonly cases: readonly Case[]
}

const fileOf = (kind: MorphoKind): string => `morpho_${kind}.json`

/** The committed subset of the boundary cases. */
export const goldenMorpho = (kind: MorphoKind): URL =>
  new URL(`../golden/morpho-${kind.replaceAll('_', '-')}.json`, import.meta.url)

export const sharedMorpho = (kind: MorphoKind): URL =>
  pathToFileURL(resolve(process.env.BAILIFF_SHARED ?? '../shared', 'data/vectors', fileOf(kind)))

const readFrom = <Case>(file: URL): MorphoVectors<Case> | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MorphoVectors<Case>) : undefined

/** Both sets of a kind of cases; the shared one is undefined where the shared data is not at hand. */
export const readMorphoVectors = <Case>(
  kind: MorphoKind,
): { readonly golden: MorphoVectors<Case>; readonly shared: MorphoVectors<Case> | undefined } => ({
  golden: readFrom<Case>(goldenMorpho(kind))!,
  shared: readFrom<Case>(sharedMorpho(kind)),
})
