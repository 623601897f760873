import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from '../core/errors.ts'
import { faultsOf } from '../core/faults.ts'
import { type Scenario, scenarioSchema } from './scenario.ts'

/** Returns the path of a scenario that ships with bailiff. */
export const shippedScenario = (name: string): string =>
  fileURLToPath(new URL(`./scenarios/${name}.yaml`, import.meta.url))

/** What the schema cannot say: every name is one that the scenario describes. */
const crossFaults = (scenario: Scenario): readonly string[] => {
  const tokens = new Set(Object.keys(scenario.markets))
  const assetOf = (token: string) => token.replace(/^W(?=ETH$|BTC$)/, '')
  const faults: string[] = []
  for (const token of tokens) {
    const asset = assetOf(token)
    if (!scenario.prices[asset]) faults.push(`prices.${asset}: missing, but markets has ${token}`)
    if (!scenario.oracles[asset]) faults.push(`oracles.${asset}: missing, but markets has ${token}`)
  }
  const known = (where: string, token: string) => {
    if (!tokens.has(token)) faults.push(`${where}: ${token} is not in markets`)
  }
  scenario.pools.forEach(({ tokens: pair }, index) => {
    for (const token of pair) known(`pools.${index}.tokens`, token)
  })
  scenario.positions.mix.forEach(({ collateral, debt }, index) => {
    for (const token of collateral) known(`positions.mix.${index}.collateral`, token)
    for (const token of debt) known(`positions.mix.${index}.debt`, token)
  })
  if (scenario.positions.healthFactor[0] >= scenario.positions.healthFactor[1])
    faults.push('positions.healthFactor: the first bound must be below the second')
  const { blockTimeSec } = scenario.chain
  for (const [asset, { answers, leadSec = 0 }] of Object.entries(scenario.oracles)) {
    if (leadSec >= blockTimeSec)
      faults.push(`oracles.${asset}.leadSec: must be below chain.blockTimeSec, ${blockTimeSec}`)
    answers.forEach(([atSec], index) => {
      if (index > 0 && atSec <= answers[index - 1]![0])
        faults.push(`oracles.${asset}.answers.${index}: times must grow`)
    })
  }
  return faults
}

/** Returns the scenario that a YAML text holds; throws one `ConfigError` that lists every fault at once. */
export const parseScenario = (text: string, file = 'scenario'): Scenario => {
  const document = parseDocument(text, { prettyErrors: true })
  const faults: string[] = document.errors.map((error) => error.message.split('\n')[0]!)
  const parsed = faults.length > 0 ? undefined : scenarioSchema.safeParse(document.toJS())
  if (parsed && !parsed.success) faults.push(...faultsOf(scenarioSchema as z.ZodType, parsed.error))
  if (parsed?.success) faults.push(...crossFaults(parsed.data))
  if (faults.length > 0 || !parsed?.success)
    throw new ConfigError(
      'SCENARIO_INVALID',
      `${file} has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      { file, faults },
    )
  return parsed.data
}

/** Returns the scenario of a file; a bare name means one that ships. */
export const loadScenario = (file: string): Scenario => {
  const path = /[./\\]/.test(file) ? file : shippedScenario(file)
  try {
    return parseScenario(readFileSync(path, 'utf8'), file)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(
      'SCENARIO_UNREADABLE',
      `Scenario "${file}" cannot be read; give the path of a YAML file, or one that ships: crash, calm.`,
      { file },
      { cause: error },
    )
  }
}
