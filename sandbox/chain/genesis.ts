import type { Scenario } from '../scenario.ts'
import { openingBlocks } from './open-positions.ts'

/** Blocks that the deployment takes besides opening positions, at most. */
const deploymentBlocks = 12

/** Returns the number of blocks between genesis and the block before the scenario's first. */
export const setupBlocks = ({ positions }: Scenario): number =>
  deploymentBlocks + openingBlocks(positions.count)

/**
 * Returns where the chain must begin for the deployment to end just before the scenario: its last block is numbered
 * `firstBlock - 1` and stands one block time before `startSec`.
 */
export const genesisOf = (
  scenario: Scenario,
): { readonly startSec: number; readonly firstBlock: number } => {
  const { startSec, firstBlock, blockTimeSec } = scenario.chain
  const blocks = setupBlocks(scenario) + 1
  return { startSec: startSec - blocks * blockTimeSec, firstBlock: firstBlock - blocks }
}
