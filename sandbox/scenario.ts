import { z } from 'zod'

/** A path is `[seconds since the scenario's start, value]` points, joined by straight lines, flat beyond both ends. */
const path = z.array(z.tuple([z.number(), z.number()])).min(1)

const symbol = z.string().regex(/^[A-Z0-9]{2,10}$/)

const exchange = z.strictObject({
  /** How far behind the path this exchange quotes. */
  delaySec: z.number().min(0).default(0),
  /** A lasting premium over the path. */
  offsetBps: z.number().default(0),
  noiseBps: z.number().min(0).default(1),
  spreadBps: z.number().positive().default(1),
  ticksPerSec: z.number().positive().max(200).default(4),
})

const oracle = z
  .strictObject({
    /** Answers at fixed times, in dollars; each is mined in the first block at or after its time. */
    answers: z.array(z.tuple([z.number(), z.number().positive()])).default([]),
    /** Or: an update whenever the path has moved by the threshold or the heartbeat has passed, after a delay. */
    thresholdBps: z.number().positive().default(50),
    heartbeatSec: z.number().positive().default(3600),
    delaySec: z.number().min(0).default(12),
    /** Where a report is before its block: in the public mempool, or with the builders alone. */
    visibility: z.enum(['public', 'private']).default('public'),
    /** How long before its block a report is sent; without it 0.6 of a block time. */
    leadSec: z.number().positive().optional(),
  })
  .describe('answers given: scripted; none: by threshold, heartbeat and delay')

const relay = z.strictObject({
  name: z.string(),
  /** Whose answers the relay imitates. */
  shape: z.enum(['flashbots', 'buildernet', 'titan']),
  /** Share of blocks that this builder wins. */
  weight: z.number().min(0).default(1),
  latencyMs: z.number().min(0).default(5),
  /** Answers with this HTTP status instead of taking bundles. */
  failStatus: z.number().int().min(400).max(599).optional(),
  /** Takes bundles and never includes them. */
  ignore: z.boolean().default(false),
})

export const scenarioSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  seed: z.number().int(),
  lengthSec: z.number().positive(),
  chain: z.strictObject({
    startSec: z.number().int(),
    firstBlock: z.number().int().positive(),
    blockTimeSec: z.number().int().positive().default(12),
    /** Scenario seconds in one second of wall time. */
    compression: z.number().positive().max(100).default(12),
    gasLimit: z.number().int().default(30_000_000),
    baseFeeGwei: path.default([[0, 20]]),
  }),
  /** Supplied by a whale at the start, in whole tokens; parameters are mainnet's. */
  markets: z.record(symbol, z.strictObject({ supplied: z.number().positive() })),
  pools: z.array(
    z.strictObject({
      tokens: z.tuple([symbol, symbol]),
      feePips: z.union([z.literal(100), z.literal(500), z.literal(3000), z.literal(10000)]),
      /** Value of both sides at the start. */
      depthUsd: z.number().positive(),
      /** An arbitrageur trades the pool back to the price path in every block, through the public mempool. */
      follows: z.boolean().default(true),
    }),
  ),
  positions: z.strictObject({
    count: z.number().int().min(0).max(5000),
    /** Debt in dollars: Pareto above `minUsd` with this exponent, cut at `maxUsd`. */
    minUsd: z.number().positive(),
    maxUsd: z.number().positive(),
    tailExponent: z.number().positive(),
    /** Health factors at the start are spread between these, denser near the lower. */
    healthFactor: z.tuple([z.number().min(1.0001), z.number()]),
    mix: z
      .array(
        z.strictObject({
          collateral: z.array(symbol).min(1),
          debt: z.array(symbol).min(1),
          weight: z.number().positive(),
        }),
      )
      .min(1),
  }),
  /** By asset name as prices know it: ETH, BTC, LINK, USDC, USDT, DAI. */
  prices: z.record(
    symbol,
    z.strictObject({
      usd: path,
      exchanges: z
        .strictObject({
          binance: exchange.optional(),
          coinbase: exchange.optional(),
          kraken: exchange.optional(),
        })
        .default({}),
    }),
  ),
  oracles: z.record(symbol, oracle),
  relays: z.array(relay).min(1),
  /** The run fails when one of these does not hold. */
  expect: z.strictObject({
    alerts: z
      .strictObject({ min: z.number().int().default(0), max: z.number().int().optional() })
      .optional(),
    alertBeforeFirstUpdateOf: symbol.optional(),
    liquidations: z
      .strictObject({ min: z.number().int().default(0), max: z.number().int().optional() })
      .optional(),
    backruns: z.strictObject({ min: z.number().int(), updates: z.number().int() }).optional(),
    bundlesSent: z.strictObject({ max: z.number().int() }).optional(),
    reverts: z.strictObject({ max: z.number().int() }).optional(),
    capturedOverBruteForce: z.strictObject({ min: z.number() }).optional(),
    netOverBruteForce: z.strictObject({ atLeast: z.number() }).optional(),
    firstLiquidationMs: z.strictObject({ max: z.number() }).optional(),
  }),
})

export type Scenario = z.infer<typeof scenarioSchema>
