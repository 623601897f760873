/** What the process that is to be killed amid its alerts is told. */
export interface AlertKillOrder {
  readonly folder: string
  readonly session: string
  readonly webhook: string
  /** The path on which a redis-server may be found. */
  readonly path: string
  readonly fromBlock: number
  readonly blocks: number
  /** Where to die, at its second passing; never when absent. */
  readonly crashAt?: AlertCrashPoint
}

/** An alert left the loop, is with the desk, is on the queue's disk, is told back to the journal. */
export const alertCrashPoints = ['told', 'raised', 'queued', 'confirmed'] as const
export type AlertCrashPoint = (typeof alertCrashPoints)[number]
