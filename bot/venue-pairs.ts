/** Returns how a market is called in ticks: `ETH/USDT`. */
export const pairOf = (asset: string, quote: string): string => `${asset}/${quote}`
