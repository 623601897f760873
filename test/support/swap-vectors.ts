import { existsSync, readFileSync } from 'node:fs'
import type { PoolState, SwapOrder, SwapResult } from '../../venues/uniswap-v3/swap.ts'
import { createTickTable } from '../../venues/uniswap-v3/tick-table.ts'

export interface SwapVector {
  readonly n: number
  readonly pool: PoolState
  readonly order: SwapOrder
  readonly expected: SwapResult
}

interface PoolJson {
  readonly fee: string
  readonly tickSpacing: number
  readonly sqrtPriceX96: string
  readonly tick: number
  readonly liquidity: string
  /** Anything but a list means the ticks of the first pool. */
  readonly ticks: readonly (readonly [number, string])[] | number | string
}

interface CaseJson {
  readonly n: number
  readonly pool: number
  readonly zeroForOne: boolean
  readonly exactInput: boolean
  readonly amountSpecified: string
  readonly sqrtPriceLimitX96: string
  readonly expect: {
    readonly amount0: string
    readonly amount1: string
    readonly sqrtPriceX96After: string
    readonly tickAfter: number
    readonly liquidityAfter: string
    readonly ticksCrossed: number
    readonly filled: boolean
  }
}

interface VectorsJson {
  readonly pools?: readonly PoolJson[]
  readonly _about: { readonly pools?: readonly PoolJson[] }
  readonly cases: readonly CaseJson[]
}

const address = '0x0000000000000000000000000000000000000001'
const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount)

/** Reads swaps as the genuine pool made them; undefined when there is no such file. */
export const readSwapVectors = (path: URL): readonly SwapVector[] | undefined => {
  if (!existsSync(path)) return undefined
  const json: VectorsJson = JSON.parse(readFileSync(path, 'utf8'))
  const listed = json.pools ?? json._about.pools ?? []
  const tables = listed.map(({ ticks }) =>
    typeof ticks === 'object'
      ? createTickTable(ticks.map(([tick, net]) => [tick, BigInt(net)]))
      : undefined,
  )
  const pools: readonly PoolState[] = listed.map((pool, index) => ({
    key: {
      address,
      token0: address,
      token1: address,
      feePips: Number(pool.fee),
      tickSpacing: pool.tickSpacing,
    },
    sqrtPriceX96: BigInt(pool.sqrtPriceX96),
    tick: pool.tick,
    liquidity: BigInt(pool.liquidity),
    ticks: tables[index] ?? tables[0]!,
  }))
  return json.cases.map(({ n, pool, expect, ...order }) => {
    const [in_, out] = order.zeroForOne
      ? [expect.amount0, expect.amount1]
      : [expect.amount1, expect.amount0]
    return {
      n,
      pool: pools[pool]!,
      order: {
        zeroForOne: order.zeroForOne,
        exactInput: order.exactInput,
        amount: magnitude(BigInt(order.amountSpecified)),
        sqrtPriceLimitX96: BigInt(order.sqrtPriceLimitX96),
      },
      expected: {
        amountInRaw: BigInt(in_),
        amountOutRaw: -BigInt(out),
        sqrtPriceX96: BigInt(expect.sqrtPriceX96After),
        tick: expect.tickAfter,
        liquidity: BigInt(expect.liquidityAfter),
        ticksCrossed: expect.ticksCrossed,
        filled: expect.filled,
      },
    }
  })
}
