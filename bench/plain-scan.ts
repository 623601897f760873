import type { AaveMarket } from '../core/types/market.ts'
import type { PriceView } from '../protocols/protocol.ts'
import type { AccountSketch } from '../test/support/an-aave-book.ts'

/**
 * The scan that a searcher writes first: typed arrays of balances, one pass over all accounts at every tick, in floats
 * and without a margin, so that it may miss an account at the edge.
 */
export const createPlainScan = (
  { reserves }: AaveMarket,
  accounts: readonly AccountSketch[],
): { readonly scan: (view: PriceView) => number } => {
  const size = accounts.reduce((sum, { legs }) => sum + legs.length, 0)
  const from = new Uint32Array(accounts.length + 1)
  const slot = new Uint8Array(size)
  const supplied = new Float64Array(size)
  const owed = new Float64Array(size)
  let at = 0
  for (const [n, { legs }] of accounts.entries()) {
    for (const leg of legs) {
      slot[at] = leg.n
      supplied[at] = leg.collateral ? Number(leg.suppliedRaw) : 0
      owed[at] = Number(leg.owedRaw)
      at++
    }
    from[n + 1] = at
  }
  const value = new Float64Array(reserves.length)
  const debt = new Float64Array(reserves.length)

  return {
    scan: ({ priceOf }) => {
      for (const [n, reserve] of reserves.entries()) {
        const unit = Number(priceOf(reserve.aggregator) ?? 0n) / 10 ** reserve.token.decimals
        const threshold = Number(reserve.liquidationThresholdBps) / 1e4
        value[n] = (unit * Number(reserve.liquidityIndexRay) * threshold) / 1e27
        debt[n] = (unit * Number(reserve.variableBorrowIndexRay)) / 1e27
      }
      let below = 0
      for (let n = 0; n < accounts.length; n++) {
        let sum = 0
        for (let leg = from[n]!; leg < from[n + 1]!; leg++)
          sum += supplied[leg]! * value[slot[leg]!]! - owed[leg]! * debt[slot[leg]!]!
        if (sum < 0) below++
      }
      return below
    },
  }
}
