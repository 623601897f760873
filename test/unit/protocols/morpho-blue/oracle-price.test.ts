import { describe, expect, test } from 'vitest'
import { raw } from '../../../../core/units.ts'
import { oraclePrice } from '../../../../protocols/morpho-blue/oracle-price.ts'
import { feed, preFeed } from '../../../support/a-morpho-book.ts'

const sideOf = (...feeds: readonly `0x${string}`[]) => ({ vaultAssetsRaw: raw(1n), feeds })
const priceOf = (scale: bigint, first: bigint | undefined, second: bigint) =>
  oraclePrice({ scaleFactorRaw: raw(scale), base: sideOf(feed, preFeed), quote: sideOf() }, (at) =>
    at === preFeed ? raw(second) : first === undefined ? undefined : raw(first),
  )

describe('oraclePrice', () => {
  test('default: multiplies the answers of a side', () => {
    expect(priceOf(10n, 3n, 7n)).toBe(210n)
    expect(priceOf(10n, 0n, 7n)).toBe(0n)
  })

  test('behavior: overflows where the contract does', () => {
    expect(priceOf(1n, 1n << 128n, 1n << 128n)).toBe('Panic17')
    expect(priceOf(2n, 1n << 128n, 1n << 127n)).toBe('MathOverflowedMulDiv')
    expect(priceOf(1n, 1n << 128n, 1n << 127n)).toBe(1n << 255n)
  })

  test('behavior: a negative answer reverts, one that is not known is no price', () => {
    expect(priceOf(1n, -1n, 1n)).toBe('negative answer')
    expect(priceOf(1n, undefined, 1n)).toBeUndefined()
  })
})
