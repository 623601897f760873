import { readFileSync } from 'node:fs'
import { parseConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { ConfigError, messageOf } from '../core/errors.ts'

/** Returns the configuration of a file; throws ConfigError when it cannot be read and for every fault in it. */
export const readConfig = (
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Config => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(
      'CONFIG_UNREADABLE',
      `Give --config a file that can be read: ${messageOf(error)}.`,
      { file },
      { cause: error },
    )
  }
  return parseConfig(text, environment, file)
}
