const Q96 = 1n << 96n
const UINT256 = 1n << 256n

const ceilDiv = (x: bigint, d: bigint): bigint => (x + d - 1n) / d

/** Returns the token0 between two prices, `lower` not above `upper`; mirrors `SqrtPriceMath.getAmount0Delta`. */
export const amount0Between = (
  lowerX96: bigint,
  upperX96: bigint,
  liquidity: bigint,
  roundUp: boolean,
): bigint => {
  const product = (liquidity << 96n) * (upperX96 - lowerX96)
  return roundUp ? ceilDiv(ceilDiv(product, upperX96), lowerX96) : product / upperX96 / lowerX96
}

/** Returns the token1 between two prices, `lower` not above `upper`; mirrors `SqrtPriceMath.getAmount1Delta`. */
export const amount1Between = (
  lowerX96: bigint,
  upperX96: bigint,
  liquidity: bigint,
  roundUp: boolean,
): bigint => {
  const product = liquidity * (upperX96 - lowerX96)
  return roundUp ? ceilDiv(product, Q96) : product >> 96n
}

/** Returns the price after an input of liquidity's own scale; mirrors `SqrtPriceMath.getNextSqrtPriceFromInput`. */
export const sqrtPriceAfterInput = (
  sqrtPriceX96: bigint,
  liquidity: bigint,
  amountIn: bigint,
  zeroForOne: boolean,
): bigint => {
  if (!zeroForOne) return sqrtPriceX96 + (amountIn << 96n) / liquidity
  if (amountIn === 0n) return sqrtPriceX96
  const numerator = liquidity << 96n
  const product = amountIn * sqrtPriceX96
  // Beyond 256 bits the contract takes the formula that needs no product, which rounds otherwise.
  if (product < UINT256 && numerator + product < UINT256)
    return ceilDiv(numerator * sqrtPriceX96, numerator + product)
  return ceilDiv(numerator, numerator / sqrtPriceX96 + amountIn)
}

/** Returns the price after an output that is at hand; mirrors `SqrtPriceMath.getNextSqrtPriceFromOutput`. */
export const sqrtPriceAfterOutput = (
  sqrtPriceX96: bigint,
  liquidity: bigint,
  amountOut: bigint,
  zeroForOne: boolean,
): bigint => {
  if (zeroForOne) return sqrtPriceX96 - ceilDiv(amountOut << 96n, liquidity)
  if (amountOut === 0n) return sqrtPriceX96
  const numerator = liquidity << 96n
  return ceilDiv(numerator * sqrtPriceX96, numerator - amountOut * sqrtPriceX96)
}
