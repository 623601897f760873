import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Scenario, scenarioSchema } from '../../sandbox/scenario.ts'

const crash = scenarioSchema.parse(
  parse(readFileSync(new URL('../../sandbox/scenarios/crash.yaml', import.meta.url), 'utf8')),
)

/** The crash scenario, with these parts replaced. */
export const aScenario = (over: Partial<Scenario> = {}): Scenario => ({ ...crash, ...over })

/** The start of a scenario in milliseconds since 1970. */
export const startMsOf = (scenario: Scenario): number => scenario.chain.startSec * 1000
