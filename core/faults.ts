import type { z } from 'zod'
import { didYouMean, keysAt } from './did-you-mean.ts'

const spell = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '(top level)' : path.map(String).join('.')

/** Returns every fault of a parsed document, one line each: where it is, what is wrong, what to do. */
export const faultsOf = (schema: z.ZodType, error: z.ZodError): readonly string[] =>
  error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [`${spell(issue.path)}: ${issue.message}`]
    const known = keysAt(schema, issue.path)
    return issue.keys.map((key) => {
      const meant = didYouMean(key, known)
      const advice = meant ? `did you mean "${meant}"?` : `known keys: ${known.join(', ')}`
      return `${spell([...issue.path, key])}: unknown key; ${advice}`
    })
  })
