import { readFileSync } from 'node:fs'
import type { Address } from '../../core/types/chain.ts'
import type { AaveMarket } from '../../core/types/market.ts'
import { base, type Sec } from '../../core/units.ts'
import type { PriceView } from '../../protocols/protocol.ts'
import type { ChainAccount } from './lab-accounts.ts'

/** Accounts of one genuine market at one block, with what the genuine pool says of them. */
export interface GoldenMarket {
  readonly market: AaveMarket
  readonly timestampSec: Sec
  /** Answers by feed, in lower case. */
  readonly answers: Readonly<Record<string, bigint>>
  readonly accounts: readonly ChainAccount[]
}

export const goldenFile = new URL('../golden/aave-v3-health.json', import.meta.url)

/** Bigints are written as text that ends in n. */
export const toGolden = (markets: readonly GoldenMarket[]): string =>
  JSON.stringify(markets, (_, value) => (typeof value === 'bigint' ? `${value}n` : value), 2)

export const readGolden = (): readonly GoldenMarket[] =>
  JSON.parse(readFileSync(goldenFile, 'utf8'), (_, value) =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as readonly GoldenMarket[]

export const goldenView = ({ timestampSec, answers }: GoldenMarket): PriceView => ({
  timestampSec,
  priceOf: (aggregator: Address) => {
    const answer = answers[aggregator]
    return answer === undefined ? undefined : base(answer)
  },
})
