import type { LoopSettings } from '../bot/settings.ts'
import { defaultDivergence } from '../monitors/divergence.ts'
import { defaultHealth } from '../monitors/source-health.ts'
import { tapeVenues, tickedAssets } from './tape.ts'
import { assetOf } from './tape-market.ts'

const strategy = {
  enabled: true,
  weth: assetOf('ETH').token.address,
  bidBps: 7_300,
  minNetUsd: 1,
  maxItemsPerTx: 20,
}

/** The configuration's defaults over the tape's markets. */
export const loopSettings = (session: string): LoopSettings => ({
  session,
  mode: 'live',
  blockTimeSec: 12,
  monitor: {
    fairPrice: {
      pairs: tapeVenues.flatMap((venue) =>
        tickedAssets.map((asset) => ({ venue, pair: `${asset}/USD`, asset, quote: 'USD' })),
      ),
      maxAgeMs: 10_000,
      maxSpreadBps: 100,
      outlierBps: 100,
      quorum: 2,
    },
    divergence: defaultDivergence,
    health: defaultHealth,
  },
  strategies: { 'partial-liquidation': strategy, 'oracle-backrun': strategy },
  guard: {
    maxHeadAgeMs: 36_000,
    maxPlanUsd: 50_000_000,
    maxBlockUsd: 200_000_000,
    oracleWrongBps: 1_500,
    denyAccounts: [],
    denyTokens: [],
  },
  audit: { perBlock: 8, batch: 250 },
  loss: { hourEth: 0.05, dayEth: 0.2 },
})
