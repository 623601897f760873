import type { Address, Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'

/** The block that is being built, as its transactions will see it. */
export interface BlockEnv {
  readonly number: number
  readonly timestampSec: number
  readonly baseFeeWei: bigint
  readonly gasLimit: bigint
  readonly coinbase: Address
  /** Number of the block whose state it stands on. */
  readonly parentNumber: number
}

/** A mined header. */
export interface Header {
  readonly number: number
  readonly hash: Hex
  readonly timestampSec: number
  readonly baseFeeWei: bigint
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  readonly miner: Address
  readonly txHashes: readonly Hex[]
}

interface WireHeader {
  readonly number: Hex
  readonly hash: Hex
  readonly timestamp: Hex
  readonly baseFeePerGas: Hex
  readonly gasUsed: Hex
  readonly gasLimit: Hex
  readonly miner: Address
  readonly transactions: readonly Hex[]
}

/** Reads a header by its number or tag; undefined when the chain has no such block. */
export const readHeader = async (rpc: Rpc, tag: string): Promise<Header | undefined> => {
  const wire = await rpc.call<WireHeader | null>('eth_getBlockByNumber', [tag, false])
  if (wire === null) return undefined
  return {
    number: Number(wire.number),
    hash: wire.hash,
    timestampSec: Number(wire.timestamp),
    baseFeeWei: BigInt(wire.baseFeePerGas),
    gasUsed: BigInt(wire.gasUsed),
    gasLimit: BigInt(wire.gasLimit),
    miner: wire.miner,
    txHashes: wire.transactions,
  }
}
