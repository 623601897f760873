import { type Gas, gas } from '../core/units.ts'

/** EIP-7825: no transaction may have a higher gas limit. */
export const MAX_TX_GAS = gas(16_777_216n)

/** Intrinsic gas, the call of `execute`, the treasury's transfer and the builder's payment. */
const TX_GAS = 90_000n
/** One item with a single hop: Aave's `liquidationCall`, a flash swap, the transfers between. */
const ITEM_GAS = 500_000n
/** Each further hop, in the flash swap or in the sale. */
const HOP_GAS = 96_000n
/** Each initialised tick that a swap crosses. */
const TICK_GAS = 24_000n
/** A limit is this much above what we expect: an unused limit costs nothing, one too low loses the item. */
const HEADROOM_PERCENT = 125n

/** Returns the gas that one item is expected to use, by its hops and the ticks they cross. */
export const gasOfItem = (hops: number, ticksCrossed: number): Gas =>
  gas(ITEM_GAS + HOP_GAS * BigInt(Math.max(hops - 1, 0)) + TICK_GAS * BigInt(ticksCrossed))

/** Returns the gas that a transaction is expected to use beside its items. */
export const gasOfTx = (): Gas => gas(TX_GAS)

/** Returns the limit to set for an expected use. */
export const gasLimitOf = (expectedGas: Gas): Gas => gas((expectedGas * HEADROOM_PERCENT) / 100n)
