import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import type { Ms } from '../core/units.ts'
import type { Source } from '../monitors/source.ts'
import {
  type ChainOptions,
  type ChainSource,
  createChainSource,
} from '../monitors/sources/chain.ts'
import { createExchangeSource } from '../monitors/sources/exchanges.ts'
import { createSnapshotKeeper } from '../monitors/sources/snapshot-keeper.ts'
import { createPoolTable } from '../venues/uniswap-v3/pools.ts'
import { createProtocolBooks } from './create-loop-engine.ts'
import { createSnapshotFiles } from './snapshot-files.ts'
import { pairOf } from './venue-pairs.ts'

interface ChainDeps
  extends Pick<ChainOptions, 'rpc' | 'watched' | 'operators' | 'collectReceipts' | 'clock'> {
  readonly log: {
    readonly info: (text: string) => void
    readonly warn: (text: string) => void
  }
}

/** Creates the source of a configuration's chain, with its snapshots in the data folder. */
export const chainSourceOf = (
  { dataDir, chain, protocols, pools, feeds }: Config,
  { log, ...deps }: ChainDeps,
): ChainSource =>
  createChainSource({
    ...deps,
    wsUrl: chain.rpcWs,
    contracts: {
      addressesProvider: protocols['aave-v3'].addressesProvider,
      feeds: Object.entries(feeds).map(([asset, { proxy, heartbeatSec, thresholdBps }]) => ({
        ...{ asset, proxy, heartbeatSec, thresholdBps },
      })),
      pools: pools.uniswapV3,
    },
    fromBlock: Math.min(protocols['aave-v3'].fromBlock, pools.fromBlock),
    chunkBlocks: chain.logChunkBlocks,
    snapshots: createSnapshotKeeper({
      kept: [...createProtocolBooks(), createPoolTable()],
      store: createSnapshotFiles(join(dataDir, 'snapshots'), chain.id, log.warn),
      log: log.warn,
    }),
    log: log.info,
  })

/** Creates the sources of a configuration's exchanges. */
export const exchangeSourcesOf = ({ venues }: Config, clock: () => Ms): readonly Source[] =>
  Object.entries(venues).flatMap(([venue, settings]) =>
    settings
      ? [
          createExchangeSource({
            venue,
            url: settings.url,
            pairs: settings.pairs.map(({ symbol, asset, quote }) => ({
              symbol,
              pair: pairOf(asset, quote),
            })),
            clock,
          }),
        ]
      : [],
  )
