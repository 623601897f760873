import type { MonitorParams } from '../monitors/create-monitor.ts'
import type { GuardParams } from '../strategies/guard.ts'
import type { strategies } from '../strategies/index.ts'
import type { LiquidationParams } from '../strategies/params.ts'
import type { AuditParams } from './audit-round.ts'
import type { ClockSettings } from './clock.ts'
import type { LossLimits } from './loss-breaker.ts'

/**
 * All that the loop is told, as plain JSON: journalled whole with every `start`, so that a replay is told the same. No key,
 * no endpoint and no secret belongs here.
 */
export interface LoopSettings {
  /** Names the session in its `start` event. */
  readonly session: string
  readonly mode: 'watch' | 'dry-run' | 'live'
  /** Absent on a real chain. */
  readonly clock?: ClockSettings
  readonly blockTimeSec: number
  readonly monitor: MonitorParams
  readonly strategies: { readonly [Name in keyof typeof strategies]: LiquidationParams }
  /** `mode` above stands for the guard's. */
  readonly guard: Omit<GuardParams, 'mode'>
  readonly audit: AuditParams
  readonly loss: LossLimits
}
