import { hexToBytes } from 'viem'
import { max } from '../../core/math.ts'
import type { DecodedTx } from './decoded-tx.ts'

const baseGas = 21_000n
const createGas = 32_000n
const initcodeWordGas = 2n
const tokenGas = 4n
const floorTokenGas = 10n
const listedAddressGas = 2_400n
const listedSlotGas = 1_900n

/** Returns the gas below which a transaction is invalid: intrinsic gas (EIP-2930, EIP-3860) or calldata floor (EIP-7623). */
export const intrinsicGas = (tx: Pick<DecodedTx, 'to' | 'data' | 'accessList'>): bigint => {
  let tokens = 0n
  for (const byte of hexToBytes(tx.data)) tokens += byte === 0 ? 1n : 4n
  let gas = baseGas + tokens * tokenGas
  for (const { storageKeys } of tx.accessList) {
    gas += listedAddressGas + BigInt(storageKeys.length) * listedSlotGas
  }
  if (tx.to === undefined) {
    const words = BigInt(Math.ceil((tx.data.length - 2) / 64))
    gas += createGas + words * initcodeWordGas
  }
  return max(gas, baseGas + tokens * floorTokenGas)
}
