import { type Gas, gas } from '../core/units.ts'

/** EIP-7825: no transaction may have a higher gas limit. */
export const MAX_TX_GAS = gas(16_777_216n)

/*
 * What is expected, by contracts/gas.json: intrinsic gas, what all items share, treasury and builder; each token that
 * an item is the first to touch, with its reserve and pool still cold; one item of a single hop beside them; each
 * further hop, in the flash swap or in the sale; each tick that a swap crosses.
 */
const TX_GAS = 150_000n
const TOKEN_GAS = 75_000n
const ITEM_GAS = 200_000n
const HOP_GAS = 100_000n
const TICK_GAS = 25_000n

/*
 * What is allowed over that: an unused limit costs nothing but room in the block, one too low loses the transaction.
 * Accounts with many reserves take more than those that were measured, and all that one item leaves is there for the next.
 */
const HEADROOM_PERCENT = 160n
const HEADROOM_GAS = 150_000n

const extraHops = (hops: number): bigint => BigInt(Math.max(hops - 1, 0))

/** The gas that a transaction is expected to use beside its items. */
export const EXPECTED_TX_GAS = gas(TX_GAS)

/** Returns the gas that tokens are expected to add which no item before has touched. */
export const expectedTokenGas = (count: number): Gas => gas(TOKEN_GAS * BigInt(count))

/** Returns the gas that one item is expected to use beside its tokens', by its hops and the ticks that they cross. */
export const expectedItemGas = (hops: number, ticksCrossed: number): Gas =>
  gas(ITEM_GAS + HOP_GAS * extraHops(hops) + TICK_GAS * BigInt(ticksCrossed))

/** Returns the gas limit of a transaction that is expected to use so much. */
export const gasLimitOf = (expected: Gas): Gas =>
  gas((expected * HEADROOM_PERCENT) / 100n + HEADROOM_GAS)
