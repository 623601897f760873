import type { ForkOf } from '../../sandbox/chain/anvil.ts'
import { loadScenario } from '../../sandbox/load-scenario.ts'
import type { Scenario } from '../../sandbox/scenario.ts'
import { play } from '../play.ts'
import type { Report } from '../report.ts'
import { logTo, playOnce, print, sandboxConfig, toStderr } from './scenario-run.ts'

export interface DemoOptions {
  readonly once: boolean
  readonly json: boolean
  readonly scenario: string
  readonly dataDir?: string
  readonly rpcPort?: number
  readonly config?: string
  readonly fork?: ForkOf
  /** What becomes of the scenario before it is played. */
  readonly reshape?: (scenario: Scenario) => Scenario
}

/** Plays a scenario and, unless told to end with it, leaves world and bot running until it is interrupted. */
export const runDemo = async (options: DemoOptions, signal: AbortSignal): Promise<number> => {
  const loaded = loadScenario(options.scenario)
  const scenario = options.reshape?.(loaded) ?? loaded
  if (options.once) return playOnce(scenario, options, signal)
  const linger = async (report: Report): Promise<void> => {
    print(report, options.json)
    toStderr('the world goes on at its last prices; end it with Ctrl-C')
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
  const report = await play({
    scenario,
    fork: options.fork,
    config: options.config ?? sandboxConfig,
    dataDir: options.dataDir,
    rpcPort: options.rpcPort,
    signal,
    step: toStderr,
    log: logTo(options.dataDir),
    linger,
  })
  return report.failed.length === 0 ? 0 : 1
}
