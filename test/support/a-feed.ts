import type { Address } from '../../core/types/chain.ts'
import type { Feed } from '../../core/types/market.ts'
import { bps, raw, sec } from '../../core/units.ts'

export const aggregator: Address = '0xe62b71cf983019bff55bc83b48601ce8419650cc'
export const transmitter: Address = '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955'

/** A feed of ETH/USD as mainnet configures it, at 2,000 dollars. */
export const aFeed = (fields: Partial<Feed> = {}): Feed => ({
  aggregator,
  proxy: '0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419',
  asset: 'ETH',
  decimals: 8,
  answerRaw: raw(2000_00000000n),
  updatedSec: sec(1_700_000_000),
  roundId: 7,
  epochAndRound: 0x100,
  transmitters: [transmitter],
  minAnswerRaw: raw(1n),
  maxAnswerRaw: raw(10n ** 14n),
  heartbeatSec: sec(3600),
  thresholdBps: bps(50),
  ...fields,
})
