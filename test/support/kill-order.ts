import type { Address, Hex } from '../../core/types/chain.ts'
import type { SmallParams } from './small-rooms.ts'

/** What the process that is to be killed is told: a bot and its world, whose truth survives in the folder. */
export interface KillOrder {
  readonly folder: string
  readonly session: string
  readonly small: SmallParams
  readonly blocks: number
  /** Where to die, and at which passing of that point; never when absent. */
  readonly crashAt?: CrashPoint
  readonly crashCount?: number
}

export const crashPoints = ['sign', 'signed', 'send', 'sent', 'receipt', 'block'] as const
export type CrashPoint = (typeof crashPoints)[number]

/** One transaction that reached a builder. */
export interface SentTx {
  readonly session: string
  readonly intent: string
  readonly operator: Address
  readonly nonce: number
  readonly targetBlock: number
  readonly positions: readonly string[]
  readonly txHash: Hex
  /** The head at the time. */
  readonly head: number
}
