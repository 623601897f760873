/** True for what the contract's checked arithmetic can hold. */
export const fitsUint256 = (value: bigint): boolean => value >= 0n && value < 1n << 256n

/** True for what `UtilsLib.toUint128` (morpho-blue 1.0.0) lets pass. */
export const fitsUint128 = (value: bigint): boolean => value < 1n << 128n
