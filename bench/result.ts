/** One line of the report: our figure beside a peer's where there is one, measured in the same run. */
export interface BenchResult {
  readonly bench: string
  /** How many things were measured. */
  readonly n: number
  readonly rounds: number
  readonly ours: number
  /** Null where nobody else does the same: then the figure stands alone, and `correct` says whether its aim is met. */
  readonly peer: number | null
  readonly peerName: string
  readonly unit: string
  /** How many times better than the peer we are. */
  readonly ratio: number | null
  /** What was measured also came out right, checked in the same run. */
  readonly correct: boolean
}
