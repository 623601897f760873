import { getAddress, isAddress } from 'viem'
import { z } from 'zod'
import type { Address } from '../core/types/chain.ts'

const address = z.string().transform((text, context): Address => {
  if (!isAddress(text, { strict: false })) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no address: write 0x and 40 hex digits`,
    })
    return z.NEVER
  }
  const proper = getAddress(text)
  if (text !== proper && text !== text.toLowerCase()) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" has a bad checksum: write ${proper}, or all lower case after checking it`,
    })
    return z.NEVER
  }
  return proper
})

const url = (...protocols: readonly string[]) =>
  z.string().refine((text) => protocols.some((protocol) => text.startsWith(`${protocol}://`)), {
    message: `must begin with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  })

const bps = z.number().min(0).max(10_000)
const asset = z.string().regex(/^[A-Z0-9]{2,10}$/, 'an asset is 2 to 10 capitals or digits, as ETH')

const venue = z.strictObject({
  url: url('ws', 'wss').describe('Websocket of the public market data.'),
  pairs: z
    .array(
      z.strictObject({
        symbol: z.string().describe('The pair as the exchange spells it.'),
        asset: asset.describe('What is priced.'),
        quote: z
          .string()
          .describe(
            'What it is priced in: USD, or USDT, USDC, DAI, which are converted by their own rate.',
          ),
      }),
    )
    .min(1),
})

const strategy = z.strictObject({
  enabled: z.boolean().default(true),
  bidBps: bps
    .default(7300)
    .describe(
      "The builder's share of a liquidation's profit; 73 % is what Chainlink's SVR auctions recapture on average.",
    ),
  minNetUsd: z
    .number()
    .default(1)
    .describe(
      'A position must leave at least this after its gas and bid, and those of a transaction on average after all gas.',
    ),
  maxItemsPerTx: z
    .number()
    .int()
    .min(1)
    .max(25)
    .default(25)
    .describe('Positions in one transaction; EIP-7825 caps a transaction at 16,777,216 gas.'),
})

/** The shape of a configuration file; unknown keys are faults. */
export const configSchema = z.strictObject({
  mode: z
    .enum(['watch', 'dry-run', 'live'])
    .default('dry-run')
    .describe('watch: no key, alerts only; dry-run: plans and sends nothing; live: sends.'),
  dataDir: z
    .string()
    .default('.bailiff')
    .describe('Journal and queue live here; one process at a time.'),
  chain: z.strictObject({
    id: z.number().int().positive().describe('Refuses to start when the node says another.'),
    rpcHttp: url('http', 'https'),
    rpcWs: url('ws', 'wss'),
    blockTimeSec: z.number().positive().default(12),
    logChunkBlocks: z
      .number()
      .int()
      .positive()
      .default(2_000)
      .describe('Blocks in one eth_getLogs; halved whenever the node refuses.'),
    clock: z
      .string()
      .optional()
      .describe(
        'JSON {originMs, wallOriginMs, rate} of a compressed clock; absent on a real chain.',
      ),
  }),
  keys: z
    .strictObject({
      operators: z
        .string()
        .optional()
        .describe('Private keys of the hot accounts, comma separated; only as env:NAME.'),
      auth: z
        .string()
        .optional()
        .describe('Key that signs requests to builders; never funded; only as env:NAME.'),
    })
    .default({}),
  executor: address.optional().describe('The Executor contract; needed in dry-run and live.'),
  weth: address,
  protocols: z.strictObject({
    'aave-v3': z.strictObject({
      addressesProvider: address,
      fromBlock: z.number().int().min(0).describe('Where its logs begin.'),
    }),
  }),
  feeds: z
    .record(
      asset,
      z.strictObject({
        proxy: address,
        heartbeatSec: z.number().positive(),
        thresholdBps: z.number().positive(),
        openBps: z
          .number()
          .positive()
          .optional()
          .describe(
            'A divergence opens here; default 1.4 times the threshold, passed by noise about 1.4 minutes a day.',
          ),
      }),
    )
    .describe('Chainlink proxies that the protocol reads, by asset.'),
  pools: z.strictObject({
    uniswapV3: z
      .array(address)
      .describe('Pools that may serve as flash source and market; all others are ignored.'),
    fromBlock: z.number().int().min(0),
  }),
  venues: z.strictObject({
    binance: venue.optional(),
    coinbase: venue.optional(),
    kraken: venue.optional(),
  }),
  fairPrice: z
    .strictObject({
      maxAgeMs: z.number().positive().default(10_000).describe('An older quote is no quote.'),
      maxSpreadBps: bps.default(100),
      outlierBps: bps
        .default(100)
        .describe('Farther from the median than this is left out, given three sources.'),
      quorum: z
        .number()
        .int()
        .min(1)
        .default(2)
        .describe(
          'Fewer sources and the price is degraded: shown, and no reason to open a divergence.',
        ),
    })
    .prefault({}),
  divergence: z
    .strictObject({
      confirmMs: z
        .number()
        .min(0)
        .default(2_000)
        .describe('The gap must still stand this much later.'),
      closeRatio: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe('Closes below this part of openBps.'),
      holdMs: z.number().min(0).default(12_000).describe('And must stay there this long.'),
      stuckSec: z
        .number()
        .positive()
        .default(300)
        .describe('An open gap without an update for this long is stuck.'),
    })
    .prefault({}),
  strategies: z
    .strictObject({
      'partial-liquidation': strategy.prefault({}),
      'oracle-backrun': strategy.prefault({}),
    })
    .prefault({}),
  guard: z
    .strictObject({
      maxHeadAgeMs: z
        .number()
        .positive()
        .default(36_000)
        .describe('Nothing is planned on an older head.'),
      maxPlanUsd: z
        .number()
        .positive()
        .default(50_000_000)
        .describe('Debt repaid by one transaction.'),
      maxBlockUsd: z.number().positive().default(200_000_000).describe('Debt repaid in one block.'),
      maxLossHourEth: z
        .number()
        .positive()
        .default(0.05)
        .describe('Nothing is planned after transactions lost this much gas in an hour of blocks.'),
      maxLossDayEth: z.number().positive().default(0.2).describe('The same for a day of blocks.'),
      oracleWrongBps: z
        .number()
        .positive()
        .default(1_500)
        .describe('Never act on an answer farther than this from a fair price that is ok.'),
      denyAccounts: z.array(address).default([]),
      denyTokens: z.array(address).default([]),
    })
    .prefault({}),
  audit: z
    .strictObject({
      perBlock: z
        .number()
        .int()
        .min(0)
        .default(8)
        .describe('Accounts compared with the chain in every block.'),
    })
    .prefault({}),
  builders: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z
          .enum(['flashbots', 'json-rpc'])
          .describe(
            'flashbots: through @flashbots/ethers-provider-bundle; json-rpc: eth_sendBundle directly.',
          ),
        url: url('http', 'https'),
        deadlineMs: z.number().positive().default(1_500),
      }),
    )
    .default([]),
  alerts: z
    .strictObject({
      webhook: url('http', 'https').optional().describe('Receives every alert as a JSON POST.'),
    })
    .prefault({}),
  queue: z
    .strictObject({
      redisUrl: url('redis', 'rediss')
        .optional()
        .describe(
          'Absent: a redis-server or valkey-server on the path is started, else an embedded store.',
        ),
    })
    .prefault({}),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
})

export type Config = z.infer<typeof configSchema>
