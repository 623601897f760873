import type { PoolKey } from '../../core/types/market.ts'
import { stepExactInput, stepExactOutput } from './swap-math.ts'
import { MAX_SQRT_RATIO, MIN_SQRT_RATIO, tickAtSqrtRatio } from './tick-math.ts'
import { nextTick, type TickTable } from './tick-table.ts'

/** All of a pool that a swap reads; never changed in place. */
export interface PoolState {
  readonly key: PoolKey
  readonly sqrtPriceX96: bigint
  /** Undefined where it follows from the price: most states are never asked, and the logarithm is dear. */
  readonly tick: number | undefined
  readonly liquidity: bigint
  readonly ticks: TickTable
}

export interface SwapResult {
  /** What the pool takes, its fee included. */
  readonly amountInRaw: bigint
  readonly amountOutRaw: bigint
  readonly sqrtPriceX96: bigint
  /** Undefined when the price lies between two ticks of the table or of its words: then it follows from the price. */
  readonly tick: number | undefined
  readonly liquidity: bigint
  readonly ticksCrossed: number
  /** False when the pool ran dry or to the price limit: then it settles for less than was specified. */
  readonly filled: boolean
}

export interface SwapOrder {
  readonly zeroForOne: boolean
  readonly exactInput: boolean
  /** What is specified of the input or of the output; positive. */
  readonly amount: bigint
  /** The bounds of all prices by default, as the executor passes them. */
  readonly sqrtPriceLimitX96?: bigint
}

/** Returns what the swap moves, to the unit; mirrors `UniswapV3Pool.swap` (v3-core 1.0.1). */
export const swap = (pool: PoolState, order: SwapOrder): SwapResult => {
  const { zeroForOne, exactInput } = order
  const limitX96 =
    order.sqrtPriceLimitX96 ?? (zeroForOne ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n)
  const feePips = BigInt(pool.key.feePips)
  const step = exactInput ? stepExactInput : stepExactOutput
  const table = pool.ticks

  let { sqrtPriceX96, liquidity } = pool
  let tick: number | undefined = tickOf(pool)
  let index = table.indexAt(tick)
  let remaining = order.amount
  let amountInRaw = 0n
  let amountOutRaw = 0n
  let ticksCrossed = 0

  while (remaining !== 0n && sqrtPriceX96 !== limitX96) {
    // Past the last tick there is nothing to trade: thousands of empty words lead to the bound.
    const dry = liquidity === 0n && (zeroForOne ? index < 0 : index + 1 === table.ticks.length)
    if (dry && order.sqrtPriceLimitX96 === undefined) break
    const next = nextTick(
      table,
      tick ?? tickAtSqrtRatio(sqrtPriceX96),
      index,
      pool.key.tickSpacing,
      zeroForOne,
    )
    const nextX96 = table.sqrtRatioAt(next.tick)
    const beyond = zeroForOne ? nextX96 < limitX96 : nextX96 > limitX96
    const startX96 = sqrtPriceX96
    const moved = step(startX96, beyond ? limitX96 : nextX96, liquidity, remaining, feePips)
    sqrtPriceX96 = moved.sqrtNextX96
    const takenRaw = moved.amountInRaw + moved.feeRaw
    amountInRaw += takenRaw
    amountOutRaw += moved.amountOutRaw
    remaining -= exactInput ? takenRaw : moved.amountOutRaw

    if (sqrtPriceX96 === nextX96) {
      tick = zeroForOne ? next.tick - 1 : next.tick
      if (next.index === undefined) continue
      const net = table.nets[next.index]!
      liquidity += zeroForOne ? -net : net
      index = zeroForOne ? next.index - 1 : next.index
      ticksCrossed++
    } else if (sqrtPriceX96 !== startX96) tick = undefined
  }
  const filled = remaining === 0n
  return { amountInRaw, amountOutRaw, sqrtPriceX96, tick, liquidity, ticksCrossed, filled }
}

/** Returns the tick that `slot0` holds: at a tick's own price it depends on the side that the price came from. */
export const tickOf = ({ tick, sqrtPriceX96 }: Pick<PoolState, 'tick' | 'sqrtPriceX96'>): number =>
  tick ?? tickAtSqrtRatio(sqrtPriceX96)
