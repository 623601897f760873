import type { Address } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { DecodeTx } from '../node/decode-tx.ts'
import type { RpcReply } from '../node/json-rpc.ts'
import type { BundlePool } from './bundle-pool.ts'
import type { Shape } from './shapes.ts'
import type { Simulate } from './simulate.ts'
import type { TrackRecord } from './track-record.ts'

/** What the methods of one relay share. */
export interface RelayDesk {
  readonly shape: Shape
  readonly rpc: Rpc
  readonly pool: BundlePool
  readonly record: TrackRecord
  readonly decode: DecodeTx
  readonly simulate: Simulate
  readonly coinbase: Address
  readonly blockTimeSec: number
  readonly nowMs: () => number
  /** The order number of a request: its time of receipt in microseconds, never twice the same. */
  readonly receiveNumber: () => number
}

/** Answers one method for a sender whose signature fits. */
export type RelayMethod = (
  params: readonly unknown[],
  signer: Address,
  desk: RelayDesk,
) => Promise<RpcReply>
