import type { Gas, Ms, Raw, Sec, Wei } from '../units.ts'

export type Hex = `0x${string}`
/** A checksummed or lower-case address; maps are keyed by the lower-case form. */
export type Address = `0x${string}`

export interface Token {
  readonly address: Address
  readonly symbol: string
  readonly decimals: number
}

/** The block that the book stands on. */
export interface Head {
  readonly number: number
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestampSec: Sec
  readonly baseFeeWei: Wei
  readonly gasUsed: Gas
  readonly gasLimit: Gas
  /** When we received it, on our clock. */
  readonly seenMs: Ms
}

/** A signed oracle update seen in the mempool and not yet mined. */
export interface PendingUpdate {
  readonly aggregator: Address
  readonly txHash: Hex
  /** The signed transaction, byte for byte as it was sent. */
  readonly rawTx: Hex
  readonly from: Address
  readonly answerRaw: Raw
  readonly epochAndRound: number
  readonly gasLimit: Gas
  /** Above the base fee of the block that is to hold it, or it waits. */
  readonly maxFeePerGasWei: Wei
  readonly seenMs: Ms
}
