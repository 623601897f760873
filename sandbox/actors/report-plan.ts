import { usdAt } from '../price-path.ts'
import type { Scenario } from '../scenario.ts'

/** What a feed reports next. */
export interface OracleReport {
  readonly answerUsd: number
  /** When the oracles observed it, in seconds since the scenario's start. */
  readonly observedSec: number
}

/** Decides when one feed speaks and what it says. */
export interface ReportPlan {
  /**
   * Returns the report that must be in the mempool now so that the block at `blockSec` can hold it, if any. Called once
   * for each block, in order, in seconds since the scenario's start.
   */
  readonly due: (nowSec: number, blockSec: number) => OracleReport | undefined
}

/** A path that moves by exactly the threshold must not be missed for the last bit of a float. */
const roundingBps = 1e-6

type Oracle = Scenario['oracles'][string]

/** Scripted: each answer is due for the first block at or after its time; of several due at once the last is said. */
const scripted = (answers: Oracle['answers']): ReportPlan => {
  const waiting = answers.filter(([atSec]) => atSec > 0)
  return {
    due: (nowSec, blockSec) => {
      const ripe = waiting.filter(([atSec]) => atSec <= blockSec)
      waiting.splice(0, ripe.length)
      const last = ripe.at(-1)
      return last && { answerUsd: last[1], observedSec: nowSec }
    },
  }
}

/**
 * By deviation or heartbeat: what the path was `delaySec` ago is due when it differs from the last answer by the
 * threshold or the last answer is a heartbeat old.
 */
const watching = (
  { thresholdBps, heartbeatSec, delaySec }: Oracle,
  usd: (sec: number) => number,
  openingUsd: number,
): ReportPlan => {
  let last: OracleReport = { answerUsd: openingUsd, observedSec: 0 }
  return {
    due: (nowSec) => {
      const observedSec = nowSec - delaySec
      const answerUsd = usd(observedSec)
      const movedBps = Math.abs(answerUsd / last.answerUsd - 1) * 1e4
      const ageSec = observedSec - last.observedSec
      if (ageSec <= 0 || (movedBps < thresholdBps - roundingBps && ageSec < heartbeatSec))
        return undefined
      last = { answerUsd, observedSec }
      return last
    },
  }
}

/** Creates the plan of an asset's feed, whose last answer is `openingUsd`. */
export const createReportPlan = (
  scenario: Scenario,
  asset: string,
  openingUsd: number,
): ReportPlan => {
  const oracle = scenario.oracles[asset]
  if (!oracle) return { due: () => undefined }
  return oracle.answers.length > 0
    ? scripted(oracle.answers)
    : watching(oracle, (sec) => usdAt(scenario, asset, sec), openingUsd)
}
