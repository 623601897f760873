import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shippedScenario } from '../../sandbox/load-scenario.ts'

/** Writes a shipped scenario with some of its text replaced; returns the file. Every replacement must strike. */
export const aScenarioFile = (
  folder: string,
  shipped: 'crash' | 'calm',
  replacements: Readonly<Record<string, string>>,
): string => {
  let text = readFileSync(shippedScenario(shipped), 'utf8')
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new RangeError(`"${from}" is not in ${shipped}.yaml`)
    text = text.replace(from, to)
  }
  const file = join(folder, `${shipped}-${Object.keys(replacements).length}-${Date.now()}.yaml`)
  writeFileSync(file, text)
  return file
}
