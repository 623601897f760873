/** Mirrors the bounds of `TickMath` (Uniswap v3-core 1.0.1): prices outside are refused by every pool. */
export const MIN_TICK = -887272
export const MAX_TICK = 887272
export const MIN_SQRT_RATIO = 4295128739n
export const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n

const Q128 = 1n << 128n
const MAX_UINT256 = (1n << 256n) - 1n
const LOG_SQRT_BASE = Math.log(1.0001) / 2
const Q96_FLOAT = 2 ** 96

/** `1.0001 ** -(2 ** i / 2)` in Q128.128, as `TickMath` holds them, for each bit `i` of a tick. */
const bitRatios: readonly bigint[] = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n,
]

/** Returns the square root of the price at a tick within the bounds; mirrors `TickMath.getSqrtRatioAtTick`. */
export const sqrtRatioAtTick = (tick: number): bigint => {
  let ratio = Q128
  let rest = Math.abs(tick)
  for (let bit = 0; rest > 0; bit++, rest >>= 1)
    if (rest & 1) ratio = (ratio * bitRatios[bit]!) >> 128n
  if (tick > 0) ratio = MAX_UINT256 / ratio
  // Rounded up, so that the tick of the result is the tick we came from.
  return (ratio + 0xffffffffn) >> 32n
}

/** The float logarithm is off by less than a hundred-thousandth of a tick, even where prices have 33 bits only. */
const FLOAT_MARGIN = 1e-4

/**
 * Returns the greatest tick whose ratio is not above `sqrtPriceX96`; equal to `TickMath.getTickAtSqrtRatio`.
 * Beside a boundary the exact ratios decide.
 */
export const tickAtSqrtRatio = (sqrtPriceX96: bigint): number => {
  const estimate = Math.log(Number(sqrtPriceX96) / Q96_FLOAT) / LOG_SQRT_BASE
  let tick = Math.floor(estimate)
  const above = estimate - tick
  if (above > FLOAT_MARGIN && above < 1 - FLOAT_MARGIN) return tick
  tick = Math.min(Math.max(tick, MIN_TICK), MAX_TICK)
  while (tick < MAX_TICK && sqrtRatioAtTick(tick + 1) <= sqrtPriceX96) tick++
  while (tick > MIN_TICK && sqrtRatioAtTick(tick) > sqrtPriceX96) tick--
  return tick
}
