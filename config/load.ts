import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from '../core/errors.ts'
import { faultsOf } from '../core/faults.ts'
import { type Config, configSchema } from './schema.ts'

type Environment = Readonly<Record<string, string | undefined>>

const secret = /^(keys\.operators|keys\.auth)$/

/** Replaces `env:NAME` by the variable and `env?:NAME` by the variable or nothing; reports those that are missing. */
const resolve = (
  value: unknown,
  environment: Environment,
  faults: string[],
  path: readonly string[] = [],
): unknown => {
  const where = path.join('.')
  if (typeof value === 'string') {
    const [, optional, name] = /^env(\?)?:(\w+)$/.exec(value) ?? []
    if (name === undefined) {
      if (secret.test(where))
        faults.push(`${where}: a key never stands in the file; write env:NAME and set NAME`)
      return value
    }
    const found = environment[name]
    if (found !== undefined && found !== '') return found
    if (!optional) {
      const otherwise = secret.test(where) ? '' : ' or write a value here'
      faults.push(`${where}: environment variable ${name} is not set; set it${otherwise}`)
    }
    return undefined
  }
  if (Array.isArray(value))
    return value.map((item, index) => resolve(item, environment, faults, [...path, String(index)]))
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        const resolved = resolve(inner, environment, faults, [...path, key])
        return resolved === undefined ? [] : [[key, resolved]]
      }),
    )
  return value ?? undefined
}

/** What a mode needs beyond the schema. */
const missingFor = (config: Config): readonly string[] => {
  if (config.mode === 'watch') return []
  const faults: string[] = []
  if (!config.executor)
    faults.push(`executor: mode ${config.mode} needs the Executor contract's address`)
  if (config.mode !== 'live') return faults
  if (!config.keys.operators)
    faults.push('keys.operators: mode live needs at least one operator key')
  if (!config.keys.auth)
    faults.push('keys.auth: mode live needs a key to sign requests to builders')
  if (config.builders.length === 0) faults.push('builders: mode live needs at least one builder')
  return faults
}

/**
 * Returns the configuration that a YAML text holds, environment references resolved.
 * Throws one `ConfigError` that lists every fault at once.
 */
export const parseConfig = (text: string, environment: Environment, file = 'config'): Config => {
  const document = parseDocument(text, { prettyErrors: true })
  const faults: string[] = document.errors.map((error) => error.message.split('\n')[0]!)
  const resolved = faults.length > 0 ? undefined : resolve(document.toJS(), environment, faults)
  const parsed = resolved === undefined ? undefined : configSchema.safeParse(resolved)
  if (parsed && !parsed.success) {
    const missing = new Set(faults.map((fault) => fault.split(':')[0]))
    faults.push(
      ...faultsOf(configSchema as z.ZodType, parsed.error).filter(
        (fault) => !missing.has(fault.split(':')[0]),
      ),
    )
  }
  if (parsed?.success) faults.push(...missingFor(parsed.data))
  if (faults.length > 0 || !parsed?.success)
    throw new ConfigError(
      'CONFIG_INVALID',
      `${file} has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      { file, faults },
    )
  return parsed.data
}
