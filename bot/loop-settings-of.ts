import type { Config } from '../config/schema.ts'
import { defaultDivergence } from '../monitors/divergence.ts'
import { defaultHealth } from '../monitors/source-health.ts'
import type { LiquidationParams } from '../strategies/params.ts'
import { parseClock } from './clock-text.ts'
import type { LoopSettings } from './settings.ts'
import { pairOf } from './venue-pairs.ts'

/** Accounts in one question to the chain when all are compared: well below what nodes allow a call in gas. */
const auditBatch = 25

/** Returns what the loop is told of a configuration: parameters only, no key and no endpoint. */
export const loopSettingsOf = (config: Config, session: string): LoopSettings => {
  const { chain, feeds, venues, guard } = config
  const liquidation = (params: Config['strategies']['oracle-backrun']): LiquidationParams => ({
    ...params,
    weth: config.weth,
    denyAccounts: guard.denyAccounts,
    denyTokens: guard.denyTokens,
  })
  const openBps = Object.fromEntries(
    Object.entries(feeds).flatMap(([asset, feed]) => (feed.openBps ? [[asset, feed.openBps]] : [])),
  )
  const pairs = Object.entries(venues).flatMap(([venue, settings]) =>
    (settings?.pairs ?? []).map(({ asset, quote }) => ({
      venue,
      pair: pairOf(asset, quote),
      asset,
      quote,
    })),
  )
  const clock = parseClock(chain.clock)
  return {
    session,
    mode: config.mode,
    ...(clock ? { clock } : {}),
    blockTimeSec: chain.blockTimeSec,
    monitor: {
      fairPrice: { ...config.fairPrice, pairs },
      divergence: { ...defaultDivergence, ...config.divergence, openBps },
      health: { ...defaultHealth, maxHeadAgeMs: guard.maxHeadAgeMs },
    },
    strategies: {
      'partial-liquidation': liquidation(config.strategies['partial-liquidation']),
      'oracle-backrun': liquidation(config.strategies['oracle-backrun']),
    },
    guard: {
      maxHeadAgeMs: guard.maxHeadAgeMs,
      maxPlanUsd: guard.maxPlanUsd,
      maxBlockUsd: guard.maxBlockUsd,
      oracleWrongBps: guard.oracleWrongBps,
      denyAccounts: guard.denyAccounts,
      denyTokens: guard.denyTokens,
    },
    loss: { hourEth: guard.maxLossHourEth, dayEth: guard.maxLossDayEth },
    audit: { perBlock: config.audit.perBlock, batch: auditBatch },
  }
}
