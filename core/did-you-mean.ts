import type { z } from 'zod'

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly valueType?: z.ZodType
  readonly in?: z.ZodType
}

const definitionOf = (schema: z.ZodType): Definition => schema.def as unknown as Definition

/** Returns the keys that a schema knows at a path, through defaults, arrays and records. */
export const keysAt = (schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] => {
  const { shape, innerType, element, valueType, in: input } = definitionOf(schema)
  const inner = innerType ?? input
  if (inner) return keysAt(inner, path)
  const [step, ...rest] = path
  if (step === undefined) return Object.keys(shape ?? {})
  const next = shape?.[String(step)] ?? element ?? valueType
  return next ? keysAt(next, rest) : []
}

/** Returns the number of single-letter edits between two words (Levenshtein). */
export const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** Returns the known word nearest to a misspelt one, if any is near. */
export const didYouMean = (word: string, known: readonly string[]): string | undefined => {
  const [nearest] = [...known].sort(
    (a, b) =>
      distance(word.toLowerCase(), a.toLowerCase()) - distance(word.toLowerCase(), b.toLowerCase()),
  )
  if (nearest === undefined) return undefined
  const edits = distance(word.toLowerCase(), nearest.toLowerCase())
  return edits <= Math.max(2, Math.floor(word.length / 3)) ? nearest : undefined
}
