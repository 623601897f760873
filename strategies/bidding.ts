import { max } from '../core/math.ts'
import { type Bps, bps, type Wei, wei } from '../core/units.ts'

export interface BidParams {
  /** The builder's share of the bonus net of gas, in basis points; 7,300 is what SVR auctions recapture on average. */
  readonly bidBps: number
  /** The least that is bid for a transaction, in gwei: below what paying it costs the builder, a bid is none. */
  readonly minBidGwei?: number
}

const BPS = 10_000n
/** A bid never takes more of the profit than this, whatever the floor asks. */
const MOST_BPS = 9_700n
const DEFAULT_MIN_BID_GWEI = 20_000

/** Returns the share of its profit that a transaction bids, rounded up to whole basis points. */
export const bidBpsOf = (profitWei: Wei, gasCostWei: Wei, params: BidParams): Bps => {
  if (profitWei <= 0n) return bps(0)
  const netWei = max(wei(profitWei - gasCostWei), wei(0n))
  const shareWei = wei((netWei * BigInt(Math.round(params.bidBps))) / BPS)
  const floorWei = wei(BigInt(Math.round((params.minBidGwei ?? DEFAULT_MIN_BID_GWEI) * 1e9)))
  const points = (max(shareWei, floorWei) * BPS + profitWei - 1n) / profitWei
  return bps(Number(points < MOST_BPS ? points : MOST_BPS))
}

/** Returns the bid of one item; mirrors `Executor.executeItem`, which rounds down. */
export const bidWeiOf = (profitWei: Wei, bidBps: Bps): Wei =>
  wei((profitWei * BigInt(bidBps)) / BPS)
