/** One line of the report: our figure beside a peer's, measured in the same run. */
export interface BenchResult {
  readonly bench: string
  /** How many things were measured. */
  readonly n: number
  readonly rounds: number
  readonly ours: number
  readonly peer: number
  readonly peerName: string
  readonly unit: string
  /** How many times better than the peer we are. */
  readonly ratio: number
  /** What was measured also came out right, checked in the same run. */
  readonly correct: boolean
}
