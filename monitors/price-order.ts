/** A market of a venue: what is priced there, and in what. */
export interface PricedPair {
  readonly venue: string
  /** As ticks call it, e.g. `ETH/USDT`. */
  readonly pair: string
  readonly asset: string
  /** `USD`, or an asset that is priced itself. */
  readonly quote: string
}

/** An asset, and the markets that price it by what has been priced before it. */
export interface PriceStep {
  readonly asset: string
  readonly pairs: readonly PricedPair[]
}

/**
 * Returns the assets in an order in which each is priced after the currencies that it is quoted in: the rates first.
 * Of currencies quoted in one another, those with a market in dollars come first and the pairs back are left out.
 */
export const priceOrder = (pairs: readonly PricedPair[]): readonly PriceStep[] => {
  const known = new Set(['USD'])
  const rest = new Set(pairs.map(({ asset }) => asset).sort())
  rest.delete('USD')
  const pairsOf = (asset: string): readonly PricedPair[] =>
    pairs.filter((pair) => pair.asset === asset)
  /** A quote that nothing prices makes no asset wait. */
  const waits = ({ quote }: PricedPair): boolean => rest.has(quote)
  const steps: PriceStep[] = []
  while (rest.size > 0) {
    const assets = [...rest]
    const next =
      assets.find((asset) => !pairsOf(asset).some(waits)) ??
      assets.find((asset) => pairsOf(asset).some(({ quote }) => quote === 'USD')) ??
      assets[0]!
    steps.push({ asset: next, pairs: pairsOf(next).filter(({ quote }) => known.has(quote)) })
    known.add(next)
    rest.delete(next)
  }
  return steps
}
