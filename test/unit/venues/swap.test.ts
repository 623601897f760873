import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { swap, tickOf } from '../../../venues/uniswap-v3/swap.ts'
import { readSwapVectors, type SwapVector } from '../../support/swap-vectors.ts'

const golden = new URL('../../golden/uniswap-v3-swaps.json', import.meta.url)
const shared = pathToFileURL(
  resolve(process.env.BAILIFF_SHARED ?? '../shared', 'data/vectors/uniswap_v3_swaps.json'),
)

const expectEqual = (vectors: readonly SwapVector[]): void => {
  const wrong = vectors.filter(({ pool, order, expected }) => {
    const swapped = swap(pool, order)
    const result = { ...swapped, tick: tickOf(swapped) }
    return Object.entries(expected).some(
      ([field, value]) => result[field as keyof typeof result] !== value,
    )
  })
  expect(wrong.map(({ n, order }) => ({ n, ...order }))).toEqual([])
}

describe('swap', () => {
  test('default: equals the genuine pool in every boundary case', () => {
    const vectors = readSwapVectors(golden)!
    expect(vectors.length).toBeGreaterThanOrEqual(40)
    expect(vectors.some(({ expected }) => expected.ticksCrossed > 300)).toBe(true)
    expect(vectors.some(({ expected }) => !expected.filled)).toBe(true)
    expectEqual(vectors)
  })

  const vectors = readSwapVectors(shared)
  test.skipIf(vectors === undefined)(
    `default: equals the genuine pool in all shared cases${vectors ? '' : ' (skipped: set BAILIFF_SHARED)'}`,
    () => {
      expect(vectors!.length).toBeGreaterThan(600)
      expectEqual(vectors!)
    },
  )

  test('behavior: without a limit a swap that cannot be filled says so', () => {
    for (const { pool, order, expected } of readSwapVectors(golden)!.filter(
      (vector) => !vector.expected.filled && !vector.order.exactInput,
    )) {
      const { sqrtPriceLimitX96: _, ...unlimited } = order
      // Whatever the pool can pay out in all is more than what it paid up to the limit.
      const all = swap(pool, { ...unlimited, amount: 1n << 250n })
      expect(all.filled).toBe(false)
      expect(all.amountOutRaw).toBeGreaterThanOrEqual(expected.amountOutRaw)
      expect(swap(pool, { ...unlimited, amount: all.amountOutRaw }).filled).toBe(true)
      expect(swap(pool, { ...unlimited, amount: all.amountOutRaw + 1n }).filled).toBe(false)
    }
  })
})
