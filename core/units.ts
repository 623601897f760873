/** Branded quantities: the compiler refuses a `Ray` where a `Wad` is due, and a bare bigint where either is. */
declare const unit: unique symbol
type Unit<Of, Name extends string> = Of & { readonly [unit]: Name }

/** An amount of a token in its smallest unit, or a scaled balance of it. */
export type Raw = Unit<bigint, 'raw'>
/** An amount of ether in wei, or of WETH, which is the same. */
export type Wei = Unit<bigint, 'wei'>
/** A ratio with 18 decimals. */
export type Wad = Unit<bigint, 'wad'>
/** An index or a rate with 27 decimals. */
export type Ray = Unit<bigint, 'ray'>
/** A value or a price in a lending protocol's base currency: US dollars with 8 decimals. */
export type Base = Unit<bigint, 'base'>
/** An amount of gas. */
export type Gas = Unit<bigint, 'gas'>
/** A number of basis points. */
export type Bps = Unit<number, 'bps'>
/** A time on our clock, in milliseconds since 1970. */
export type Ms = Unit<number, 'ms'>
/** A time on the chain's clock, in seconds since 1970. */
export type Sec = Unit<number, 'sec'>

export const raw = (amount: bigint): Raw => amount as Raw
export const wei = (amount: bigint): Wei => amount as Wei
export const wad = (ratio: bigint): Wad => ratio as Wad
export const ray = (ratio: bigint): Ray => ratio as Ray
export const base = (value: bigint): Base => value as Base
export const gas = (amount: bigint): Gas => amount as Gas
export const bps = (points: number): Bps => points as Bps
export const ms = (time: number): Ms => time as Ms
export const sec = (time: number): Sec => time as Sec

export const WAD = wad(10n ** 18n)
export const RAY = ray(10n ** 27n)
