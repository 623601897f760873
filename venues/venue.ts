import type { Hop } from '../core/types/plan.ts'
import type { Raw } from '../core/units.ts'

/** A read-only chain of pool prices: quoting returns the pools as they stand after the swap and changes nothing. */
export interface Pools {
  /** What the pool takes for exactly `amountOutRaw`; undefined when it cannot pay that out. */
  readonly quoteExactOutput: (hop: Hop, amountOutRaw: Raw) => Quote | undefined
  /** What the pool pays for exactly `amountInRaw`; undefined when it cannot take that much. */
  readonly quoteExactInput: (hop: Hop, amountInRaw: Raw) => Quote | undefined
  /** What the pool pays for one raw unit at the margin, its fee left out, as a float; no swap gets more. */
  readonly marginalRate: (hop: Hop) => number | undefined
}

export interface Quote {
  readonly amountRaw: Raw
  /** Gas that the swap takes beyond a fixed cost: initialised ticks crossed. */
  readonly ticksCrossed: number
  readonly after: Pools
}
