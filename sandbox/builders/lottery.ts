import { uniform } from '../price-path.ts'
import type { Relay } from './relay.ts'

/** Returns who builds a block: each relay wins in proportion to its weight, the same one for the same seed and block. */
export const winnerOf = (relays: readonly Relay[], seed: number, block: number): Relay => {
  const total = relays.reduce((sum, { weight }) => sum + weight, 0)
  const drawn = uniform(seed, 'lottery', String(block)) * total
  let passed = 0
  for (const relay of relays) {
    passed += relay.weight
    if (drawn < passed) return relay
  }
  return relays.at(-1)!
}
