import { type Hex, numberToHex } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { mainnet } from '../../sandbox/chain/mainnet.ts'
import type { Rpc } from '../../sandbox/chain/rpc.ts'
import {
  decodePoolCreated,
  decodePoolLog,
  type PoolLog,
  poolCreatedTopic,
  poolTopics,
} from '../../venues/uniswap-v3/decode.ts'
import { createPoolTable, type PoolTable } from '../../venues/uniswap-v3/pools.ts'
import { aHead } from './a-book.ts'

export interface PoolFollower {
  readonly table: PoolTable
  /** Applies the logs of the blocks since the last call and returns them. */
  readonly catchUp: () => Promise<readonly PoolLog[]>
}

/** Follows every pool of the genuine factory by the logs of a chain, from its first block on. */
export const followPools = async (rpc: Rpc): Promise<PoolFollower> => {
  const table = createPoolTable()
  let next = 0
  const height = async (): Promise<number> => Number(await rpc.call<Hex>('eth_blockNumber'))
  const logsOf = (from: number, to: number, topics: readonly Hex[], address: readonly Address[]) =>
    rpc.call<readonly PoolLog[]>('eth_getLogs', [
      { fromBlock: numberToHex(from), toBlock: numberToHex(to), topics: [topics], address },
    ])

  const first = await height()
  const created = await logsOf(0, first, [poolCreatedTopic], [mainnet.uniswapV3Factory])
  table.apply({ type: 'pools', pools: created.map(decodePoolCreated) })
  const addresses = [...table.keys.values()].map(({ address }) => address)

  return {
    table,
    catchUp: async () => {
      const last = await height()
      if (last < next) return []
      const logs = await logsOf(next, last, poolTopics, addresses)
      const changes = logs.flatMap(decodePoolLog)
      if (next === 0) table.apply({ type: 'history', fromBlock: 0, toBlock: last, changes })
      else table.apply({ type: 'block', head: aHead({ number: last }), changes })
      next = last + 1
      return logs
    },
  }
}
