import { type Ms, ms } from '../core/units.ts'

/** A compressed clock that several processes share: `originMs + (wall - wallOriginMs) * rate`. */
export interface ClockSettings {
  readonly originMs: number
  readonly wallOriginMs: number
  /** Milliseconds of this clock in one millisecond of wall time; zero while it stands. */
  readonly rate: number
}

/** Wall time that no correction of the system's clock can set back: the process's start plus a monotonic count. */
const wallNowMs = (): number => performance.timeOrigin + performance.now()

/** Creates a clock of whole milliseconds that never goes back: the wall's, or a scenario's that follows it. */
export const createClock = (
  scenario: ClockSettings | undefined,
  wallMs: () => number = wallNowMs,
): (() => Ms) =>
  scenario === undefined
    ? () => ms(Math.floor(wallMs()))
    : () =>
        ms(
          Math.floor(
            scenario.originMs + Math.max(0, wallMs() - scenario.wallOriginMs) * scenario.rate,
          ),
        )
