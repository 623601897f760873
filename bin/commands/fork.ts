import { fileURLToPath } from 'node:url'
import { ConfigError } from '../../core/errors.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { type TapeFile, withTapes } from '../../sandbox/load-tape.ts'
import { type DemoOptions, runDemo } from './demo.ts'

export interface ForkOptions extends Omit<DemoOptions, 'fork' | 'reshape'> {
  readonly url: string
  readonly block?: number
  readonly tape: readonly TapeFile[]
  readonly from?: number
  readonly minutes: number
}

const MAINNET = 1
const askMs = 10_000

/** The configuration that ships for forks. */
const forkConfig = fileURLToPath(new URL('../../config/fork.yaml', import.meta.url))

/** Throws ConfigError for a node that is of another chain or does not have the block, TransientError for one that does not answer. */
const expectNode = async (url: string, block: number | undefined): Promise<void> => {
  const rpc = createRpc({ urls: [url], chainId: MAINNET, deadlineMs: askMs })
  const tag = block === undefined ? 'latest' : `0x${block.toString(16)}`
  const isThere = await rpc.request('eth_getBlockByNumber', [tag, false], (found) => found !== null)
  if (!isThere)
    throw new ConfigError(
      'FORK_BLOCK_UNKNOWN',
      `Give --block one that the node has: it does not know block ${block}.`,
      { block },
    )
}

/** Plays a scenario on a fork of a chain, and lets it live on until interrupted unless told to end with the scenario. */
export const runFork = async (
  { url, block, tape, from, minutes, ...options }: ForkOptions,
  signal: AbortSignal,
): Promise<number> => {
  await expectNode(url, block)
  const part = { fromSec: from, minutes }
  return runDemo(
    {
      ...options,
      config: options.config ?? forkConfig,
      fork: { url, block },
      ...(tape.length === 0 ? {} : { reshape: (scenario) => withTapes(scenario, tape, part) }),
    },
    signal,
  )
}
