import fc from 'fast-check'
import type { Address, Token } from '../../core/types/chain.ts'
import { gas, ms, sec, wei } from '../../core/units.ts'
import type { Opportunity } from '../../protocols/protocol.ts'
import type { World } from '../../strategies/strategy.ts'
import type { PoolTable } from '../../venues/uniswap-v3/pools.ts'
import { aBook, aHead, T0 } from './a-book.ts'
import { aPool, tableOf } from './a-pool.ts'
import { anOpportunity } from './an-opportunity.ts'
import { dai, link, usdc, usdt, wbtc, weth } from './tokens.ts'

/** What the market pays, in dollars. */
export const usdOf: ReadonlyMap<Token, number> = new Map([
  [weth, 1_800],
  [wbtc, 28_800],
  [link, 7.2],
  [usdc, 1],
  [usdt, 1],
  [dai, 1],
])

const pairs: readonly (readonly [Token, Token, number])[] = [
  [weth, usdc, 500],
  [weth, usdc, 3000],
  [weth, usdt, 500],
  [weth, dai, 3000],
  [wbtc, weth, 500],
  [wbtc, usdc, 3000],
  [link, weth, 3000],
  [usdc, usdt, 100],
]

export const operatorsOf = (count: number, balanceWei = wei(10n ** 21n)) =>
  Array.from({ length: count }, (_, index) => ({
    address: `0x${(0x0b0b + index).toString(16).padStart(40, '0')}` as Address,
    nonce: index,
    balanceWei,
  }))

/** A world with these pools and operators, ether at 1,800 dollars and a base fee of 20 gwei. */
export const aWorld = (table: PoolTable, operators = operatorsOf(4)): World => ({
  book: {
    ...aBook({ head: aHead() }),
    pools: table.pools,
    poolKeys: table.keys,
    operators,
  },
  fair: new Map([
    [
      'ETH',
      {
        asset: 'ETH',
        status: 'ok',
        usd: 1_800,
        confidenceBps: 5 as never,
        sources: 3,
        atMs: ms(T0),
      },
    ],
  ]),
  openGas: gas(0n),
  inFlight: new Set(),
  pools: table.pools,
  nextBlockSec: sec(T0 / 1000 + 12),
})

/** Pools of any depth whose prices agree to half a percent. */
export const somePools: fc.Arbitrary<PoolTable> = fc
  .tuple(
    ...pairs.map(() =>
      fc.record({
        depthUsd: fc.integer({ min: 50_000, max: 50_000_000 }),
        off: fc.double({ min: 0.995, max: 1.005, noNaN: true }),
        narrow: fc.boolean(),
      }),
    ),
  )
  .map((shapes) =>
    tableOf(
      ...pairs.map(([first, second, feePips], index) => {
        const { depthUsd, off, narrow } = shapes[index]!
        const price = (usdOf.get(first)! / usdOf.get(second)!) * off
        const pool = aPool(first, second)
          .feePips(feePips)
          .priced(price)
          .holding(depthUsd / usdOf.get(first)!)
        return (narrow ? pool.withRange(price * 0.97, price * 1.02, 10n ** 16n) : pool).build()
      }),
    ),
  )

const aLeg = fc.record({
  collateral: fc.constantFrom(weth, wbtc, link),
  debt: fc.constantFrom(usdc, usdt, dai, weth),
  usd: fc.integer({ min: 200, max: 2_000_000 }),
  bonusBps: fc.integer({ min: 10_100, max: 10_900 }),
  /** The oracle over the market: it lags. */
  lag: fc.double({ min: 0.98, max: 1.03, noNaN: true }),
})

/** Liquidatable accounts with one to three pairs each. */
export const someOpportunities = (maxLength: number): fc.Arbitrary<readonly Opportunity[]> =>
  fc
    .array(fc.array(aLeg, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength })
    .map((accounts) =>
      accounts.map((legs, index) =>
        legs
          .reduce(
            (opportunity, { collateral, debt, usd, bonusBps, lag }) =>
              opportunity.withPair({
                collateral,
                debt,
                most: usd / usdOf.get(debt)!,
                price: (usdOf.get(collateral)! / usdOf.get(debt)!) * lag,
                bonusBps,
              }),
            anOpportunity().of(`0x${(index + 1).toString(16).padStart(40, '0')}`),
          )
          .build(),
      ),
    )
