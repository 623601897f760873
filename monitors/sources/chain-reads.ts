import type { Address, Head } from '../../core/types/chain.ts'
import type { Operator } from '../../core/types/event.ts'
import { type Ms, wei } from '../../core/units.ts'
import { type ChainState, readChainState, readFeedsAt, type Watched } from './chain-state.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { createRawCaller } from './multicall.ts'
import type { Rpc } from './rpc.ts'
import { bigintOf, headOf, numberOf, quantity } from './rpc-values.ts'

/** What the chain's source asks of the node; everything but heads is asked for by a block's hash. */
export interface ChainReads {
  readonly latest: () => Promise<Head>
  readonly headAt: (block: number) => Promise<Head>
  readonly stateAt: (head: Head) => Promise<ChainState>
  readonly feedsAt: (head: Head) => Promise<Pick<ChainState, 'feeds' | 'forwarders'>>
  readonly operatorsAt: (head: Head) => Promise<readonly Operator[]>
  readonly logReader: (state: ChainState) => LogReader
}

/** Reading contracts at a block takes heavier calls than following it. */
const STATE_DEADLINE_MS = 10_000

/** Creates the reads of one chain, of the contracts and the operators that are followed. */
export const createChainReads = ({
  rpc,
  contracts,
  operators,
  clock,
}: {
  readonly rpc: Rpc
  readonly contracts: Watched
  readonly operators: readonly Address[]
  readonly clock: () => Ms
}): ChainReads => {
  const caller = createRawCaller(rpc, STATE_DEADLINE_MS)
  const headBy = (tag: string): Promise<Head> =>
    rpc.request('eth_getBlockByNumber', [tag, false], (value) => headOf(value, clock()))
  return {
    latest: () => headBy('latest'),
    headAt: (block) => headBy(quantity(block)),
    stateAt: ({ hash }) => readChainState(caller, hash, contracts),
    feedsAt: ({ hash }) => readFeedsAt(caller, hash, contracts.feeds),
    operatorsAt: ({ hash }) =>
      Promise.all(
        operators.map(async (address): Promise<Operator> => {
          const params = [address, { blockHash: hash }]
          const [nonce, balance] = await Promise.all([
            rpc.request('eth_getTransactionCount', params, (value) => numberOf('nonce', value)),
            rpc.request('eth_getBalance', params, (value) => bigintOf('balance', value)),
          ])
          return { address, nonce, balanceWei: wei(balance) }
        }),
      ),
    logReader: (state) => createLogReader(rpc, state),
  }
}
