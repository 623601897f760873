import { toHex } from 'viem'
import type { DecodedTx } from './decoded-tx.ts'

const typeNumber = { legacy: '0x0', eip2930: '0x1', eip1559: '0x2' } as const

/** Returns a pending transaction as `eth_getTransactionByHash` answers it (execution-apis, TransactionInfo). */
export const pendingTx = (tx: DecodedTx, chainId: number): Readonly<Record<string, unknown>> => {
  const { r, s, v, yParity } = tx.signature
  return {
    blockHash: null,
    blockNumber: null,
    transactionIndex: null,
    hash: tx.hash,
    type: typeNumber[tx.type],
    chainId: toHex(chainId),
    nonce: toHex(tx.nonce),
    from: tx.from,
    to: tx.to ?? null,
    gas: toHex(tx.gasLimit),
    gasPrice: toHex(tx.maxFeeWei),
    ...(tx.type === 'eip1559'
      ? { maxFeePerGas: toHex(tx.maxFeeWei), maxPriorityFeePerGas: toHex(tx.tipWei) }
      : {}),
    value: toHex(tx.valueWei),
    input: tx.data,
    ...(tx.type === 'legacy' ? {} : { accessList: tx.accessList, yParity: toHex(yParity) }),
    v: toHex(v),
    r,
    s,
  }
}
