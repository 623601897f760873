import { appendFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ForkOf } from '../../sandbox/chain/anvil.ts'
import { loadScenario } from '../../sandbox/load-scenario.ts'
import type { Scenario } from '../../sandbox/scenario.ts'
import { play } from '../play.ts'
import type { Report } from '../report.ts'
import { tableOf } from '../table.ts'

export interface ScenarioOptions {
  /** The chain to play on; the sandbox's own unless given. */
  readonly fork?: ForkOf

  readonly json: boolean
  readonly config?: string
  readonly dataDir?: string
  readonly rpcPort?: number
}

/** The configuration that ships for the sandbox. */
export const sandboxConfig = fileURLToPath(new URL('../../config/sandbox.yaml', import.meta.url))

/** Progress goes to stderr, so that stdout holds the report alone. */
export const toStderr = (text: string): void => {
  process.stderr.write(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
}

/** Prints a report: one line of JSON, or the table. */
export const print = (report: Report, json: boolean): void => {
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `\n${tableOf(report)}\n`)
}

/** Where the detailed log of a run goes: into its data folder, or nowhere. */
export const logTo = (dataDir: string | undefined): ((text: string) => void) => {
  if (dataDir === undefined) return () => undefined
  mkdirSync(dataDir, { recursive: true })
  const file = `${dataDir}/run.log`
  return (text) => appendFileSync(file, `${text}\n`)
}

/** Plays one scenario; returns 1 when it fails its expectations. */
export const playOnce = async (
  scenario: Scenario,
  options: ScenarioOptions,
  signal: AbortSignal,
): Promise<number> => {
  const report = await play({
    scenario,
    fork: options.fork,
    config: options.config ?? sandboxConfig,
    dataDir: options.dataDir,
    rpcPort: options.rpcPort,
    signal,
    step: toStderr,
    log: logTo(options.dataDir),
  })
  if (signal.aborted) return 130
  print(report, options.json)
  return report.failed.length === 0 ? 0 : 1
}

/** Plays the scenario of a file, or one that ships. */
export const runScenario = async (
  file: string,
  options: ScenarioOptions,
  signal: AbortSignal,
): Promise<number> => playOnce(loadScenario(file), options, signal)
