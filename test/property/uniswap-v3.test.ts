import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Raw, raw } from '../../core/units.ts'
import { sqrtRatioAtTick, tickAtSqrtRatio } from '../../venues/uniswap-v3/tick-math.ts'
import { aPool, tableOf } from '../support/a-pool.ts'
import { usdc, weth } from '../support/tokens.ts'

const aDeepPool = fc
  .record({
    feePips: fc.constantFrom(100, 500, 3000, 10_000),
    price: fc.double({ min: 50, max: 20_000, noNaN: true }),
    holding: fc.integer({ min: 10, max: 100_000 }),
    ranges: fc.array(
      fc.tuple(
        fc.double({ min: 0.5, max: 0.999, noNaN: true }),
        fc.double({ min: 1.001, max: 1.6, noNaN: true }),
        fc.bigInt({ min: 10n ** 12n, max: 10n ** 18n }),
      ),
      { maxLength: 6 },
    ),
  })
  .map(({ feePips, price, holding, ranges }) => {
    const empty = aPool(weth, usdc).feePips(feePips).priced(price).holding(holding)
    const story = ranges
      .reduce(
        (pool, [low, high, liquidity]) => pool.withRange(price * low, price * high, liquidity),
        empty,
      )
      .build()
    return { pools: tableOf(story).pools, pool: story.key.address, feePips }
  })

const anAmount = (decimals: number): fc.Arbitrary<Raw> =>
  fc.bigInt({ min: 1n, max: 10n ** BigInt(decimals + 4) }).map(raw)

describe('swaps of any pool', () => {
  test('what an exact output asks buys at least that as an exact input', () => {
    fc.assert(
      fc.property(aDeepPool, fc.boolean(), fc.bigInt(1n, 10n ** 12n), (it, zeroForOne, out) => {
        const hop = { pool: it.pool, zeroForOne }
        const asked = it.pools.quoteExactOutput(hop, raw(out))
        if (asked === undefined) return
        const paid = it.pools.quoteExactInput(hop, asked.amountRaw)!
        expect(paid.amountRaw).toBeGreaterThanOrEqual(out)
      }),
    )
  })

  test('more input pays more, at a price that never improves', () => {
    fc.assert(
      fc.property(aDeepPool, anAmount(18), anAmount(18), (it, first, second) => {
        const hop = { pool: it.pool, zeroForOne: false }
        const one = it.pools.quoteExactInput(hop, first)
        const both = it.pools.quoteExactInput(hop, raw(first + second))
        if (one === undefined || both === undefined) return
        expect(both.amountRaw).toBeGreaterThanOrEqual(one.amountRaw)
        // One unit for each rounding: of the whole, and of the part.
        const average = (both.amountRaw - 2n) * first
        expect(average).toBeLessThanOrEqual((one.amountRaw + 2n) * (first + second))
      }),
    )
  })

  test('no swap beats the marginal rate, and a small one comes near it', () => {
    fc.assert(
      fc.property(aDeepPool, anAmount(18), fc.boolean(), (it, amountRaw, zeroForOne) => {
        const hop = { pool: it.pool, zeroForOne }
        const rate = it.pools.marginalRate(hop)!
        const beforeFee = 1 - it.feePips / 1e6
        const paid = it.pools.quoteExactInput(hop, amountRaw)?.amountRaw ?? 0n
        expect(Number(paid)).toBeLessThanOrEqual(Number(amountRaw) * rate * beforeFee * (1 + 1e-9))
        // A pool of at least ten ether, moved by a millionth of that.
        const small = raw(zeroForOne ? 10n ** 4n : 10n ** 13n)
        const ofSmall = Number(it.pools.quoteExactInput(hop, small)!.amountRaw) + 1
        expect(ofSmall).toBeGreaterThan(Number(small) * rate * beforeFee * (1 - 1e-4))
      }),
    )
  })

  test('there and back again loses the fee at least', () => {
    fc.assert(
      fc.property(aDeepPool, fc.boolean(), anAmount(12), (it, zeroForOne, amountRaw) => {
        const there = it.pools.quoteExactInput({ pool: it.pool, zeroForOne }, amountRaw)
        if (there === undefined || there.amountRaw === 0n) return
        const back = there.after.quoteExactInput(
          { pool: it.pool, zeroForOne: !zeroForOne },
          there.amountRaw,
        )!
        expect(back.amountRaw).toBeLessThan(amountRaw)
      }),
    )
  })

  test('swapping in two parts is swapping at once, but for rounding', () => {
    fc.assert(
      fc.property(aDeepPool, anAmount(18), anAmount(18), (it, first, second) => {
        const hop = { pool: it.pool, zeroForOne: false }
        const one = it.pools.quoteExactInput(hop, first)
        const two = one?.after.quoteExactInput(hop, second)
        const both = it.pools.quoteExactInput(hop, raw(first + second))
        if (one === undefined || two === undefined || both === undefined) return
        const parts = one.amountRaw + two.amountRaw
        const difference = parts > both.amountRaw ? parts - both.amountRaw : both.amountRaw - parts
        // Each step at a tick rounds by a unit on each side, and the price by a part of its last digit.
        expect(difference).toBeLessThanOrEqual(
          BigInt(4 + 2 * both.ticksCrossed) + parts / 10n ** 9n,
        )
      }),
    )
  })
})

describe('tickAtSqrtRatio', () => {
  test('the ratio lies within its tick', () => {
    fc.assert(
      fc.property(fc.bigInt(4295128739n, (1n << 160n) - 1n), (value) => {
        const ratio = value % 1461446703485210103287273052203988822378723970341n
        if (ratio < 4295128739n) return
        const tick = tickAtSqrtRatio(ratio)
        expect(sqrtRatioAtTick(tick)).toBeLessThanOrEqual(ratio)
        expect(sqrtRatioAtTick(tick + 1)).toBeGreaterThan(ratio)
      }),
    )
  })

  test('a ratio beside a boundary falls on its own side of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -887_271, max: 887_271 }),
        fc.bigInt({ min: 0n, max: 10n ** 6n }),
        (tick, offset) => {
          const ratio = sqrtRatioAtTick(tick)
          expect(tickAtSqrtRatio(ratio)).toBe(tick)
          expect(tickAtSqrtRatio(ratio - 1n)).toBe(tick - 1)
          const near = ratio - 1n - (offset * ratio) / 10n ** 12n
          if (near > sqrtRatioAtTick(tick - 1)) expect(tickAtSqrtRatio(near)).toBe(tick - 1)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
