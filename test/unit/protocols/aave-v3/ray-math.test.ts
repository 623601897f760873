import { describe, expect, test } from 'vitest'
import { RAY, ray } from '../../../../core/units.ts'
import {
  compoundedInterest,
  linearInterest,
  percentDiv,
  percentMul,
  rayDiv,
  rayMul,
  wadDiv,
} from '../../../../protocols/aave-v3/ray-math.ts'
import { readAaveVectors, skippedWithout } from '../../../support/aave-vectors.ts'

describe('ray-math', () => {
  test('behavior: halves go up', () => {
    expect(rayMul(1n, ray(RAY / 2n))).toBe(1n)
    expect(rayMul(1n, ray(RAY / 2n - 1n))).toBe(0n)
    expect(rayDiv(1n, ray(2n * RAY))).toBe(1n)
    expect(rayDiv(1n, ray(2n * RAY + 2n))).toBe(0n)
    expect(wadDiv(1n, 2n * 10n ** 18n)).toBe(1n)
    expect(percentMul(3n, 5_000n)).toBe(2n)
    expect(percentMul(1n, 4_999n)).toBe(0n)
    expect(percentDiv(1n, 20_000n)).toBe(1n)
    expect(percentDiv(1n, 20_001n)).toBe(0n)
  })

  test('behavior: interest over no time is none', () => {
    const rateRay = ray(RAY / 20n)
    expect(linearInterest(rateRay, 0n)).toBe(RAY)
    expect(compoundedInterest(rateRay, 0n)).toBe(RAY)
  })

  test('behavior: a second compounds nothing, two compound once, three twice', () => {
    const rateRay = ray(3n * RAY)
    const linear = (seconds: bigint) => RAY + (rateRay * seconds) / 31_536_000n
    const squared = (9n * RAY) / 31_536_000n ** 2n
    expect(compoundedInterest(rateRay, 1n)).toBe(linear(1n))
    expect(compoundedInterest(rateRay, 2n)).toBe(linear(2n) + squared)
    expect(compoundedInterest(rateRay, 3n)).toBeGreaterThan(linear(3n) + 3n * squared)
  })

  const vectors = readAaveVectors<{
    readonly dt: string
    readonly liquidityRate: string
    readonly liquidityIndex: string
    readonly variableBorrowRate: string
    readonly variableBorrowIndex: string
    readonly expect: { readonly normalizedIncome: string; readonly normalizedDebt: string }
  }>('aave_r7_index')

  // Revision 7 is the last that compounds as 3.0 does.
  test.skipIf(vectors === undefined)(
    `default: indexes grow as the genuine pool's do${skippedWithout(vectors)}`,
    () => {
      expect(vectors!.length).toBeGreaterThan(300)
      const grown = vectors!.map((it) => ({
        normalizedIncome: rayMul(
          linearInterest(ray(BigInt(it.liquidityRate)), BigInt(it.dt)),
          ray(BigInt(it.liquidityIndex)),
        ).toString(),
        normalizedDebt: rayMul(
          compoundedInterest(ray(BigInt(it.variableBorrowRate)), BigInt(it.dt)),
          ray(BigInt(it.variableBorrowIndex)),
        ).toString(),
      }))
      expect(grown).toEqual(vectors!.map((it) => it.expect))
    },
  )
})
