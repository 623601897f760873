import { keccak256, serializeTransaction, type TransactionSerializable } from 'viem'
import type { Hex } from '../../core/types/chain.ts'
import { addressOf, bigintOf, hashOf, hexOf, numberOf } from './rpc-values.ts'

type Fields = Readonly<Record<string, unknown>>

const fees = (tx: Fields, type: string) =>
  type === '0x2'
    ? {
        maxFeePerGas: bigintOf('max fee', tx.maxFeePerGas),
        maxPriorityFeePerGas: bigintOf('priority fee', tx.maxPriorityFeePerGas),
      }
    : { gasPrice: bigintOf('gas price', tx.gasPrice) }

const types: Readonly<Record<string, 'legacy' | 'eip2930' | 'eip1559'>> = {
  '0x0': 'legacy',
  '0x1': 'eip2930',
  '0x2': 'eip1559',
}

/**
 * Returns the signed bytes of a pending transaction from its fields; undefined for a type that cannot be rebuilt and when
 * the bytes do not hash to what the node calls it. Throws ProtocolError when a field is not what it should be.
 */
export const rawTransactionOf = (tx: Fields): Hex | undefined => {
  const type = typeof tx.type === 'string' ? tx.type : '0x0'
  const known = types[type]
  if (known === undefined) return undefined
  const v = bigintOf('v', tx.v)
  const legacyChain = known === 'legacy' && v >= 35n ? { chainId: Number((v - 35n) / 2n) } : {}
  const body = {
    type: known,
    ...(known === 'legacy' ? legacyChain : { chainId: numberOf('chain id', tx.chainId) }),
    nonce: numberOf('nonce', tx.nonce),
    to: addressOf('recipient', tx.to),
    value: bigintOf('value', tx.value),
    data: hexOf('input', tx.input),
    gas: bigintOf('gas', tx.gas),
    ...fees(tx, type),
    ...(known !== 'legacy' && Array.isArray(tx.accessList) ? { accessList: tx.accessList } : {}),
  } as TransactionSerializable
  const word = (name: string, value: unknown): Hex =>
    `0x${bigintOf(name, value).toString(16).padStart(64, '0')}`
  const signature =
    known === 'legacy'
      ? { r: word('r', tx.r), s: word('s', tx.s), v }
      : {
          r: word('r', tx.r),
          s: word('s', tx.s),
          yParity: Number(bigintOf('parity', tx.yParity ?? tx.v)),
        }
  const raw = serializeTransaction(body, signature)
  return keccak256(raw) === hashOf('hash', tx.hash) ? raw : undefined
}
