import type { WritableBook } from '../../book/book.ts'
import { createBook } from '../../book/create-book.ts'
import type { Head } from '../../core/types/chain.ts'
import type { Event } from '../../core/types/event.ts'
import { gas, type Ms, ms, sec, wei } from '../../core/units.ts'
import { readChainState } from '../../monitors/sources/chain-state.ts'
import { createLogReader } from '../../monitors/sources/log-reader.ts'
import { createRawCaller } from '../../monitors/sources/multicall.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { headOf, quantity } from '../../monitors/sources/rpc-values.ts'
import { createAaveV3Book } from '../../protocols/aave-v3/index.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import type { World } from '../../strategies/strategy.ts'
import type { ExecutorWorld } from './an-executor-world.ts'

export interface ChainBook {
  readonly book: WritableBook
  /** The event of the last block that was told: a new one after `catchUp`. */
  readonly catchUp: () => Promise<Event>
  readonly tell: (event: Event) => Event
  readonly world: () => World
}

/** A genuine book of a deployed world, told by the genuine readers, block by block as the test asks for it. */
export const aChainBook = async ({
  anvil,
  deployed,
  scenario,
}: Pick<ExecutorWorld, 'anvil' | 'deployed' | 'scenario'>): Promise<ChainBook> => {
  const rpc = createRpc({ urls: [anvil.httpUrl], chainId: 1, deadlineMs: 10_000 })
  const book = createBook({ protocols: [createAaveV3Book()] })
  let seq = 0
  const seenMs = (head: Head): Ms => ms(head.timestampSec * 1000 + 200)
  const headAt = (tag: string): Promise<Head> =>
    rpc.request('eth_getBlockByNumber', [tag, false], (value) => headOf(value, ms(0)))
  const tell = (event: Event): Event => {
    const head = event.type === 'block' || event.type === 'synced' ? event.head : book.head
    book.apply({ seq: seq++, atMs: head === undefined ? 0 : seenMs(head), event })
    return event
  }
  const tellOperators = async (): Promise<void> => {
    const operators = await Promise.all(
      accounts.operators.map(async ({ address }) => ({
        address,
        nonce: Number(await anvil.rpc.call('eth_getTransactionCount', [address, 'latest'])),
        balanceWei: wei(
          BigInt(await anvil.rpc.call<string>('eth_getBalance', [address, 'latest'])),
        ),
      })),
    )
    tell({ type: 'operators', operators })
  }

  const head = await headAt('latest')
  const state = await readChainState(createRawCaller(rpc, 10_000), head.hash, {
    addressesProvider: deployed.addresses.poolAddressesProvider,
    feeds: Object.values(deployed.assets).map(({ asset, proxy }) => ({
      ...{ asset, proxy },
      ...{ heartbeatSec: 3_600, thresholdBps: 50 },
    })),
    pools: deployed.pools.map(({ address }) => address),
  })
  const reader = createLogReader(rpc, state)
  const { changes } = await reader.ofRange(0, head.number)
  tell({ type: 'start', session: 'test', settings: {} })
  tell({ type: 'market', block: head.number, market: state.market })
  tell({ type: 'feeds', block: head.number, feeds: state.feeds })
  tell({ type: 'pools', pools: state.pools })
  tell({ type: 'history', fromBlock: 0, toBlock: head.number, changes })
  await tellOperators()
  let last = tell({ type: 'synced', head })

  return {
    book,
    tell,
    catchUp: async () => {
      const latest = await headAt('latest')
      while (book.head!.number < latest.number) {
        const next = await headAt(quantity(book.head!.number + 1))
        const read = await reader.ofBlock(next)
        await tellOperators()
        last = tell({ type: 'block', head: next, changes: read.changes })
      }
      return last
    },
    world: () => ({
      book,
      fair: new Map(),
      openGas: gas(0n),
      inFlight: new Set(),
      get pools() {
        return book.pools
      },
      nextBlockSec: sec(book.head!.timestampSec + scenario.chain.blockTimeSec),
    }),
  }
}
