import type { Feed } from '../core/types/market.ts'
import type { Divergence } from '../core/types/price.ts'
import { type Bps, bps } from '../core/units.ts'

/** What tells a late answer from a stuck feed and from a wrong one. */
export interface GapLimits {
  /** An open gap without an answer for this long is stuck. */
  readonly stuckSec: number
  /** A feed may be this late behind its heartbeat. */
  readonly graceSec: number
  /** A fresh answer farther off than this, and than four thresholds, is wrong. */
  readonly wrongBps: number
}

/** An oracle's answer beside the fair price of the same thing. */
export interface Gap {
  readonly oracleUsd: number
  readonly fairUsd: number
  readonly gapBps: Bps
}

/** Beyond e^100 a gap is no measure any more; it stands for answers of zero and below. */
const MAX_GAP_BPS = 1e6

/** A factor this near to a power of ten, or to the inverse, is no move of a market. */
const SAME_BPS = 500

/** Returns the gap `10,000 × ln(fair / oracle)`: negative when the oracle is too high. */
export const gapOf = (feed: Pick<Feed, 'answerRaw' | 'decimals'>, fairUsd: number): Gap => {
  const oracleUsd = Number(feed.answerRaw) / 10 ** feed.decimals
  const gapBps = oracleUsd > 0 ? 1e4 * Math.log(fairUsd / oracleUsd) : MAX_GAP_BPS
  return { oracleUsd, fairUsd, gapBps: bps(gapBps) }
}

const isPowerOfTen = (gapBps: number): boolean => {
  const perPowerBps = 1e4 * Math.LN10
  const power = Math.round(gapBps / perPowerBps)
  return power !== 0 && Math.abs(gapBps - power * perPowerBps) < SAME_BPS
}

/** The answer is one over the price: a feed the wrong way round. A price near one has no such fault to find. */
const isInverse = ({ oracleUsd, fairUsd }: Gap): boolean =>
  Math.abs(1e4 * Math.log(fairUsd)) > 2 * SAME_BPS &&
  Math.abs(1e4 * Math.log(fairUsd * oracleUsd)) < SAME_BPS

/**
 * Returns what an open divergence is. A market that ran away from an old answer is a lag, however far; an answer that
 * came in far off is wrong, and so is one off by a factor of units.
 */
export const kindOf = (
  it: {
    readonly divergence: Gap & Pick<Divergence, 'openedMs'>
    readonly feed: Feed
    readonly nowMs: number
    /** The gap at the time the feed's last answer came. */
    readonly answeredGapBps: number | undefined
  },
  limits: GapLimits,
): Divergence['kind'] => {
  const { divergence, feed, nowMs } = it
  const wrongBps = Math.max(4 * feed.thresholdBps, limits.wrongBps)
  const answeredWrong =
    Math.abs(it.answeredGapBps ?? 0) > wrongBps && Math.abs(divergence.gapBps) > wrongBps
  if (divergence.oracleUsd <= 0 || answeredWrong) return 'wrong'
  if (isPowerOfTen(divergence.gapBps) || isInverse(divergence)) return 'wrong'
  const silentSec = nowMs / 1000 - feed.updatedSec
  const sinceSec = Math.min((nowMs - divergence.openedMs) / 1000, silentSec)
  const late = silentSec > feed.heartbeatSec + limits.graceSec
  return late || sinceSec > limits.stuckSec ? 'stuck' : 'lag'
}
