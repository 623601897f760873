import type { World } from './strategy.ts'

/** Returns dollars for an ether: its fair price, its feed's answer where no fair price is known, else undefined. */
export const etherUsd = (world: World): number | undefined => {
  const fair = world.fair.get('ETH')
  if (fair !== undefined && fair.status !== 'unknown' && fair.usd > 0) return fair.usd
  for (const feed of world.book.feeds.values())
    if (feed.asset === 'ETH' && feed.answerRaw > 0n)
      return Number(feed.answerRaw) / 10 ** feed.decimals
  return undefined
}

/** Returns an amount of ether in dollars, in double precision: for thresholds and reports, never for transactions. */
export const usdOfWei = (amountWei: bigint, etherPriceUsd: number): number =>
  (Number(amountWei) / 1e18) * etherPriceUsd
