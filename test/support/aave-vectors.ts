import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Returns the cases of a file of shared vectors, undefined where the shared data is not at hand. */
export const readAaveVectors = <T>(name: string): readonly T[] | undefined => {
  const file = resolve(process.env.BAILIFF_SHARED ?? '../shared', `data/vectors/${name}.json`)
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly T[] }).cases
}

/** What a test adds to its name when it is skipped. */
export const skippedWithout = (vectors: unknown): string =>
  vectors === undefined ? ' (skipped: set BAILIFF_SHARED)' : ''
