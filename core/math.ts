/** Arithmetic that keeps its unit. Rounding is in the verb. */
type NoInfer<T> = [T][T extends unknown ? 0 : never]

/** Returns `a + b` in their common unit. */
export const add = <U extends bigint>(a: U, b: NoInfer<U>): U =>
  ((a as bigint) + (b as bigint)) as U

/** Returns `a - b` in their common unit, which may be negative. */
export const sub = <U extends bigint>(a: U, b: NoInfer<U>): U =>
  ((a as bigint) - (b as bigint)) as U

/** Returns the lesser of two amounts of one unit. */
export const min = <U extends bigint>(a: U, b: NoInfer<U>): U => (a < b ? a : b)

/** Returns the greater of two amounts of one unit. */
export const max = <U extends bigint>(a: U, b: NoInfer<U>): U => (a > b ? a : b)

/** Returns `x * y / d` rounded toward zero, in the unit of `x`. */
export const mulDivDown = <U extends bigint>(x: U, y: bigint, d: bigint): U =>
  (((x as bigint) * y) / d) as U

/** Returns `x * y / d` rounded up, in the unit of `x`; all operands must be positive. */
export const mulDivUp = <U extends bigint>(x: U, y: bigint, d: bigint): U =>
  (((x as bigint) * y + d - 1n) / d) as U

/** Returns the sum of amounts of one unit, zero for none. */
export const sum = <U extends bigint>(amounts: Iterable<U>): U => {
  let total = 0n
  for (const amount of amounts) total += amount
  return total as U
}
