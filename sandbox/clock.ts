/**
 * The scenario clock: owns the one mapping from wall time to scenario time that every process of a run shares.
 *
 * 1. scenarioMs = originMs + (wallMs - wallOriginMs) * rate; before the start it stands at originMs.
 * 2. It is started once and never stopped, set back or re-rated: what a child process was told stays true.
 * 3. A sleeper wakes at or after its time, never before it, also when it lay down before the start.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { InvariantError } from '../core/errors.ts'
import { type Ms, ms } from '../core/units.ts'

/** What another process needs to read the same clock; a rate of zero says that it stands. */
export interface ClockJson {
  readonly originMs: Ms
  readonly wallOriginMs: number
  /** Scenario milliseconds in one millisecond of wall time. */
  readonly rate: number
}

/** One reading of time for all processes of a scenario. */
export interface ScenarioClock {
  readonly now: () => Ms
  /** The wall time at which the scenario time comes; infinite while the clock stands. */
  readonly toWallMs: (scenarioMs: number) => number
  /** Current when read; while the clock stands its rate is zero. */
  readonly json: ClockJson
  /** Starts the clock at a wall time, now unless given; throws InvariantError when it runs already. */
  readonly start: (wallOriginMs?: number) => void
  /** Resolves to true at the scenario time, to false as soon as the signal aborts. */
  readonly sleepUntil: (scenarioMs: number, signal: AbortSignal) => Promise<boolean>
}

/** Timers overflow at 2^31 ms; a sleeper on a standing clock looks again this often. */
const longestSleepMs = 50

/** Creates a clock that runs from now on, or stands at `startMs` until it is started. */
export const createScenarioClock = ({
  startMs,
  rate,
  stopped = false,
  wallNow = Date.now,
}: {
  readonly startMs: number
  readonly rate: number
  readonly stopped?: boolean
  readonly wallNow?: () => number
}): ScenarioClock => {
  const originMs = ms(startMs)
  let wallOriginMs: number | undefined = stopped ? undefined : wallNow()

  const now = (): Ms =>
    wallOriginMs === undefined
      ? originMs
      : ms(originMs + Math.max(0, wallNow() - wallOriginMs) * rate)

  const toWallMs = (scenarioMs: number): number =>
    wallOriginMs === undefined ? Infinity : wallOriginMs + (scenarioMs - originMs) / rate

  return {
    now,
    toWallMs,
    get json() {
      return wallOriginMs === undefined
        ? { originMs, wallOriginMs: wallNow(), rate: 0 }
        : { originMs, wallOriginMs, rate }
    },
    start: (atWallMs = wallNow()) => {
      if (wallOriginMs !== undefined)
        throw new InvariantError(
          'CLOCK_STARTED_TWICE',
          `Start the scenario clock once; it runs since wall time ${wallOriginMs}.`,
        )
      wallOriginMs = atWallMs
    },
    sleepUntil: async (scenarioMs, signal) => {
      while (!signal.aborted) {
        if (now() >= scenarioMs) return true
        const waitMs = Math.ceil(toWallMs(scenarioMs) - wallNow())
        const standing = wallOriginMs === undefined
        const napMs = Math.max(1, standing ? longestSleepMs : Math.min(waitMs, 2 ** 31 - 1))
        await sleep(napMs, undefined, { signal }).catch((error: unknown) => {
          if (!signal.aborted) throw error
        })
      }
      return false
    },
  }
}
