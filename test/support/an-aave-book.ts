import type { Address } from '../../core/types/chain.ts'
import type { AaveChange } from '../../core/types/change.ts'
import type { AaveEmode, AaveMarket, AaveReserve } from '../../core/types/market.ts'
import { base, bps, RAY, type Raw, raw, ray, sec } from '../../core/units.ts'
import type { Holding } from '../../protocols/aave-v3/holding.ts'
import { createAaveV3Book } from '../../protocols/aave-v3/index.ts'
import type { PriceView, ProtocolBook } from '../../protocols/protocol.ts'

export const NOW = 1_700_000_000
const ZERO: Address = '0x0000000000000000000000000000000000000000'

export const addressOf = (kind: number, n: number): Address =>
  `0x${kind.toString(16).padStart(4, '0')}${n.toString(16).padStart(36, '0')}`

/** The nth reserve: 18 decimals, threshold 80 %, bonus 5 %, no interest yet. */
export const aReserve = (n: number, fields: Partial<AaveReserve> = {}): AaveReserve => ({
  token: { address: addressOf(0x70, n), symbol: `T${n}`, decimals: 18 },
  id: n,
  aToken: addressOf(0xa0, n),
  variableDebtToken: addressOf(0xde, n),
  stableDebtToken: addressOf(0x5d, n),
  ltvBps: bps(7_500),
  liquidationThresholdBps: bps(8_000),
  liquidationBonusBps: bps(10_500),
  protocolFeeBps: bps(1_000),
  emodeCategory: 0,
  active: true,
  paused: false,
  liquidityIndexRay: RAY,
  variableBorrowIndexRay: RAY,
  liquidityRateRay: ray(0n),
  variableBorrowRateRay: ray(0n),
  updatedSec: sec(NOW),
  aggregator: addressOf(0xfeed, n),
  ...fields,
})

export const aMarket = (
  reserves: readonly AaveReserve[],
  fields: Partial<AaveMarket> = {},
): AaveMarket => ({
  pool: addressOf(0x9001, 0),
  revision: 1,
  configuredBy: [addressOf(0xc0f1, 0)],
  reserves,
  emodes: [],
  ...fields,
})

export const anEmode = (category: number, fields: Partial<AaveEmode> = {}): AaveEmode => ({
  category,
  liquidationThresholdBps: bps(9_500),
  liquidationBonusBps: bps(10_100),
  priceSource: ZERO,
  ...fields,
})

/** Prices in dollars by aggregator, at a time; whatever is not named has no price. */
export const aView = (
  usd: ReadonlyMap<Address, number> | Readonly<Record<string, number>>,
  timestampSec: number = NOW,
): PriceView => {
  const prices = usd instanceof Map ? usd : new Map(Object.entries(usd))
  return {
    timestampSec: sec(timestampSec),
    priceOf: (aggregator) => {
      const price = prices.get(aggregator)
      return price === undefined ? undefined : base(BigInt(Math.round(price * 1e8)))
    },
  }
}

const scaled = (
  side: 'supply' | 'debt',
  account: Address,
  n: number,
  amount: bigint,
): AaveChange => ({
  type: 'aave/scaled',
  side,
  reserve: addressOf(0x70, n),
  account,
  deltaRaw: raw(amount),
})

export const supplied = (account: Address, n: number, amount: bigint): AaveChange =>
  scaled('supply', account, n, amount)

export const borrowed = (account: Address, n: number, amount: bigint): AaveChange =>
  scaled('debt', account, n, amount)

export const enabled = (account: Address, n: number, isOn = true): AaveChange => ({
  type: 'aave/collateral',
  reserve: addressOf(0x70, n),
  account,
  enabled: isOn,
})

export interface AccountSketch {
  readonly account: Address
  readonly category?: number
  readonly legs: readonly {
    readonly n: number
    readonly suppliedRaw: Raw
    readonly owedRaw: Raw
    readonly collateral: boolean
  }[]
}

export const changesOf = ({ account, category = 0, legs }: AccountSketch): AaveChange[] => [
  ...(category === 0 ? [] : [{ type: 'aave/emode', account, category } as const]),
  ...legs.flatMap(({ n, suppliedRaw, owedRaw, collateral }) => [
    ...(suppliedRaw === 0n ? [] : [supplied(account, n, suppliedRaw)]),
    ...(owedRaw === 0n ? [] : [borrowed(account, n, owedRaw)]),
    ...(collateral ? [enabled(account, n)] : []),
  ]),
]

/** A book of a market that was read at block 100, with all of its past applied. */
export const anAaveBook = (
  market: AaveMarket,
  changes: readonly AaveChange[] = [],
): ProtocolBook => {
  const book = createAaveV3Book()
  book.apply({ type: 'market', block: 100, market })
  book.apply({ type: 'history', fromBlock: 0, toBlock: 100, changes })
  return book
}

/** The history that leads to accounts as a chain tells them; slots are places in the market. */
export const changesIn = (
  market: AaveMarket,
  accounts: readonly {
    readonly address: Address
    readonly category: number
    readonly holdings: readonly Holding[]
  }[],
): AaveChange[] =>
  accounts.flatMap(({ address: account, category, holdings }): AaveChange[] => [
    { type: 'aave/emode', account, category },
    ...holdings.flatMap(({ slot, suppliedRaw, owedRaw, collateral }): AaveChange[] => {
      const { address: reserve } = market.reserves[slot]!.token
      return [
        { type: 'aave/scaled', side: 'supply', reserve, account, deltaRaw: suppliedRaw },
        { type: 'aave/scaled', side: 'debt', reserve, account, deltaRaw: owedRaw },
        { type: 'aave/collateral', reserve, account, enabled: collateral },
      ]
    }),
  ])
