import {
  amount0Between,
  amount1Between,
  sqrtPriceAfterInput,
  sqrtPriceAfterOutput,
} from './sqrt-price-math.ts'

/** What one step within constant liquidity moves; the fee is on top of `amountInRaw`. */
export interface SwapStep {
  readonly sqrtNextX96: bigint
  readonly amountInRaw: bigint
  readonly amountOutRaw: bigint
  readonly feeRaw: bigint
}

const PIPS = 1_000_000n

const inputBetween = (fromX96: bigint, toX96: bigint, liquidity: bigint): bigint =>
  toX96 <= fromX96
    ? amount0Between(toX96, fromX96, liquidity, true)
    : amount1Between(fromX96, toX96, liquidity, true)

const outputBetween = (fromX96: bigint, toX96: bigint, liquidity: bigint): bigint =>
  toX96 <= fromX96
    ? amount1Between(toX96, fromX96, liquidity, false)
    : amount0Between(fromX96, toX96, liquidity, false)

const feeOn = (amountIn: bigint, feePips: bigint): bigint => {
  const rest = PIPS - feePips
  return (amountIn * feePips + rest - 1n) / rest
}

/** Returns the step toward a target that `remaining` of input pays for; mirrors `SwapMath.computeSwapStep`. */
export const stepExactInput = (
  fromX96: bigint,
  targetX96: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: bigint,
): SwapStep => {
  const lessFee = (remaining * (PIPS - feePips)) / PIPS
  const wholeIn = inputBetween(fromX96, targetX96, liquidity)
  const sqrtNextX96 =
    lessFee >= wholeIn
      ? targetX96
      : sqrtPriceAfterInput(fromX96, liquidity, lessFee, targetX96 <= fromX96)
  const reached = sqrtNextX96 === targetX96
  const amountIn = reached ? wholeIn : inputBetween(fromX96, sqrtNextX96, liquidity)
  return {
    sqrtNextX96,
    amountInRaw: amountIn,
    amountOutRaw: outputBetween(fromX96, sqrtNextX96, liquidity),
    // A step that ends between ticks keeps all that is left of the input as its fee.
    feeRaw: reached ? feeOn(amountIn, feePips) : remaining - amountIn,
  }
}

/** Returns the step toward a target that pays out at most `remaining`; mirrors `SwapMath.computeSwapStep`. */
export const stepExactOutput = (
  fromX96: bigint,
  targetX96: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: bigint,
): SwapStep => {
  const wholeOut = outputBetween(fromX96, targetX96, liquidity)
  const sqrtNextX96 =
    remaining >= wholeOut
      ? targetX96
      : sqrtPriceAfterOutput(fromX96, liquidity, remaining, targetX96 <= fromX96)
  const amountOut =
    sqrtNextX96 === targetX96 ? wholeOut : outputBetween(fromX96, sqrtNextX96, liquidity)
  const amountIn = inputBetween(fromX96, sqrtNextX96, liquidity)
  return {
    sqrtNextX96,
    amountInRaw: amountIn,
    amountOutRaw: amountOut > remaining ? remaining : amountOut,
    feeRaw: feeOn(amountIn, feePips),
  }
}
