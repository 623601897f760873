/** Logs of the contracts that we follow, decoded to changes: what to ask for, and what the answer means. */
import type { Address, Head, Hex } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import { type Sec, sec } from '../../core/units.ts'
import { decodeFeedLogs, feedTopics } from '../../oracles/chainlink/decode.ts'
import { createAaveDecoder } from '../../protocols/aave-v3/decode.ts'
import { decodePoolLog, poolTopics } from '../../venues/uniswap-v3/decode.ts'
import type { ChainState } from './chain-state.ts'
import type { Rpc } from './rpc.ts'
import { type ChainLog, logsOf, numberOf, objectOf, quantity } from './rpc-values.ts'

/** Decoded logs, in the order of the chain. */
export interface ReadLogs {
  readonly changes: readonly Change[]
  /** A feed's transmitters changed: read the feeds anew. */
  readonly feedsChanged: boolean
}

export interface LogReader {
  /** Tells the contracts whose past makes the book from others; of a feed nothing past is needed. */
  readonly followed: string
  /** Logs of one block, by its hash. */
  readonly ofBlock: (head: Head) => Promise<ReadLogs>
  /** Logs of a range of blocks. */
  readonly ofRange: (
    fromBlock: number,
    toBlock: number,
  ) => Promise<ReadLogs & { readonly logs: number }>
}

const LOGS_DEADLINE_MS = 10_000

/** Creates the reader for the contracts of a chain state. */
export const createLogReader = (rpc: Rpc, { market, feeds, pools }: ChainState): LogReader => {
  const aave = createAaveDecoder(market)
  const aaveAddresses = new Set(aave.addresses.map((address) => address.toLowerCase()))
  const poolAddresses = new Set(pools.map(({ address }) => address.toLowerCase()))
  const aggregators = new Set(feeds.map(({ aggregator }) => aggregator.toLowerCase()))
  const address = [...aaveAddresses, ...poolAddresses, ...aggregators] as Address[]
  const topics = [...aave.topics, ...poolTopics, ...Object.values(feedTopics)]
  const filter = { address, topics: [topics] }

  const decode = (logs: readonly ChainLog[], secOf: (log: ChainLog) => Sec): ReadLogs => {
    const feedLogs = logs.filter((log) => aggregators.has(log.address))
    const answers = new Map(
      decodeFeedLogs(feedLogs).map((change) => [`${change.txHash}:${change.aggregator}`, change]),
    )
    const changes = logs.flatMap((log): readonly Change[] => {
      if (poolAddresses.has(log.address)) return decodePoolLog(log)
      if (aaveAddresses.has(log.address)) return aave.decode(log, secOf(log))
      if (log.topics[0] !== feedTopics.answerUpdated) return []
      const answer = answers.get(`${log.transactionHash}:${log.address}`)
      return answer ? [answer] : []
    })
    return {
      changes,
      feedsChanged: feedLogs.some(({ topics: [topic] }) => topic === feedTopics.configSet),
    }
  }

  const timesOf = async (logs: readonly ChainLog[]): Promise<ReadonlyMap<number, Sec>> => {
    const missing = [
      ...new Set(
        logs
          .filter((log) => log.blockTimestampSec === undefined)
          .map(({ blockNumber }) => blockNumber),
      ),
    ]
    const times = await Promise.all(
      missing.map((number) =>
        rpc.request('eth_getBlockByNumber', [quantity(number), false], (value) =>
          sec(numberOf('block timestamp', objectOf('a block', value).timestamp)),
        ),
      ),
    )
    return new Map(missing.map((number, i) => [number, times[i]!]))
  }

  return {
    followed: [...aaveAddresses, ...poolAddresses].sort().join(),
    ofBlock: async (head) => {
      const blockHash: Hex = head.hash
      const logs = await rpc.request('eth_getLogs', [{ ...filter, blockHash }], (value) =>
        logsOf(value, (log) => log.blockHash === blockHash),
      )
      return decode(logs, () => head.timestampSec)
    },
    ofRange: async (fromBlock, toBlock) => {
      const range = { fromBlock: quantity(fromBlock), toBlock: quantity(toBlock) }
      const logs = await rpc.request(
        'eth_getLogs',
        [{ ...filter, ...range }],
        (value) =>
          logsOf(value, ({ blockNumber }) => blockNumber >= fromBlock && blockNumber <= toBlock),
        LOGS_DEADLINE_MS,
      )
      const times = await timesOf(logs)
      const secOf = (log: ChainLog): Sec =>
        sec(log.blockTimestampSec ?? times.get(log.blockNumber)!)
      return { ...decode(logs, secOf), logs: logs.length }
    },
  }
}
