import { describe, expect, test } from 'vitest'
import type { PoolKey } from '../../../core/types/market.ts'
import { createRoutes } from '../../../venues/route.ts'
import { aPool } from '../../support/a-pool.ts'
import { dai, link, usdc, usdt, wbtc, weth } from '../../support/tokens.ts'

const keys = [
  aPool(weth, usdc).feePips(500),
  aPool(weth, usdc).feePips(3000),
  aPool(weth, usdt).feePips(500),
  aPool(usdc, usdt).feePips(100),
  aPool(wbtc, weth).feePips(500),
  aPool(wbtc, usdc).feePips(3000),
  aPool(link, weth).feePips(3000),
].map((pool) => pool.build().key)

const mapOf = (listed: readonly PoolKey[]) =>
  new Map(listed.map((key) => [key.address.toLowerCase(), key]))
const named = new Map(keys.map((key) => [key.address, key]))
const feesOf = (route: readonly { readonly pool: string }[]): readonly number[] =>
  route.map(({ pool }) => named.get(pool as `0x${string}`)!.feePips)

describe('createRoutes', () => {
  const routes = createRoutes(mapOf(keys), weth.address)

  test('default: direct ones first, then through WETH, then others, the cheaper first', () => {
    expect(routes.between(wbtc.address, usdc.address).map(feesOf)).toEqual([
      [3000],
      [500, 500],
      [500, 3000],
    ])
    expect(routes.between(weth.address, usdc.address).map(feesOf)).toEqual([
      [500],
      [3000],
      [500, 100],
      [500, 3000],
    ])
  })

  test('behavior: every hop goes on from where the one before ends', () => {
    for (const from of [weth, usdc, usdt, wbtc, link])
      for (const to of [weth, usdc, usdt, wbtc, link])
        for (const route of routes.between(from.address, to.address)) {
          let token: string = from.address.toLowerCase()
          for (const { pool, zeroForOne } of route) {
            const key = named.get(pool)!
            expect((zeroForOne ? key.token0 : key.token1).toLowerCase()).toBe(token)
            token = (zeroForOne ? key.token1 : key.token0).toLowerCase()
          }
          expect(token).toBe(to.address.toLowerCase())
          expect(new Set(route.map(({ pool }) => pool)).size).toBe(route.length)
        }
  })

  test('behavior: the order of the pools does not matter', () => {
    const other = createRoutes(mapOf([...keys].reverse()), weth.address)
    for (const from of [weth, usdc, wbtc, link])
      expect(other.between(from.address, usdt.address)).toEqual(
        routes.between(from.address, usdt.address),
      )
  })

  test('behavior: nowhere to go is no route', () => {
    expect(routes.between(weth.address, dai.address)).toEqual([])
    expect(routes.between(weth.address, weth.address)).toEqual([])
    expect(routes.between(link.address, wbtc.address).map(feesOf)).toEqual([[3000, 500]])
  })

  test('behavior: the list stays small however many pools there are', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      aPool(weth, usdc)
        .at(`0x${(index + 1).toString(16).padStart(40, '0')}`)
        .build(),
    ).map(({ key }) => key)
    const list = createRoutes(mapOf(many), weth.address).between(weth.address, usdc.address)
    expect(list).toHaveLength(12)
    expect(list[0]![0]!.pool).toBe(many[0]!.address)
  })
})
