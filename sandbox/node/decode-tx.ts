import {
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  type TransactionSerializableEIP1559,
  type TransactionSerializableGeneric,
  type TransactionSerialized,
} from 'viem'
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { DecodedTx } from './decoded-tx.ts'
import { intrinsicGas } from './intrinsic-gas.ts'
import type { RpcError } from './json-rpc.ts'

/** The most gas of one transaction (EIP-7825). */
const mostGasOfTx = 16_777_216n

/** go-ethereum's txMaxSize. */
const longestRaw = 2 + 2 * 128 * 1024
const remembered = 2_000

/** Takes a signed transaction apart, or says why it is none that this chain could ever take. */
export type DecodeTx = (
  raw: unknown,
) => Promise<{ readonly tx: DecodedTx } | { readonly error: RpcError }>

const invalid = (message: string): { error: RpcError } => ({ error: { code: -32000, message } })
const rejected = (message: string): { error: RpcError } => ({ error: { code: -32003, message } })

const decode = async (raw: Hex, chainId: number): ReturnType<DecodeTx> => {
  let parsed: TransactionSerializableGeneric
  let from: Address
  try {
    parsed = parseTransaction(raw) as TransactionSerializableGeneric
    from = await recoverTransactionAddress({ serializedTransaction: raw as TransactionSerialized })
  } catch (thrown) {
    return invalid(`rlp: ${messageOf(thrown).split('\n')[0]}`)
  }
  const { type, r, s } = parsed
  if (type !== 'legacy' && type !== 'eip2930' && type !== 'eip1559') {
    return rejected('transaction type not supported')
  }
  if (r === undefined || s === undefined) return invalid('invalid transaction v, r, s values')
  if (parsed.chainId !== chainId) {
    return rejected(`invalid chain id for signer: have ${parsed.chainId} want ${chainId}`)
  }
  // viem leaves out what is zero, and has refused a tip above the fee.
  const fees = parsed as TransactionSerializableEIP1559
  const yParity = parsed.yParity ?? Number((parsed.v ?? 27n) % 2n === 0n)
  const tx: DecodedTx = {
    hash: keccak256(raw),
    raw,
    type,
    from: from.toLowerCase() as Address,
    ...(parsed.to ? { to: parsed.to.toLowerCase() as Address } : {}),
    nonce: parsed.nonce ?? 0,
    gasLimit: parsed.gas ?? 0n,
    maxFeeWei: (type === 'eip1559' ? fees.maxFeePerGas : parsed.gasPrice) ?? 0n,
    tipWei: (type === 'eip1559' ? fees.maxPriorityFeePerGas : parsed.gasPrice) ?? 0n,
    valueWei: parsed.value ?? 0n,
    data: parsed.data ?? '0x',
    accessList: parsed.accessList ?? [],
    signature: { r, s, yParity, v: type === 'legacy' ? parsed.v! : BigInt(yParity) },
  }
  if (tx.gasLimit > mostGasOfTx) {
    return rejected(`transaction gas limit too high (cap: ${mostGasOfTx}, tx: ${tx.gasLimit})`)
  }
  const needed = intrinsicGas(tx)
  if (tx.gasLimit < needed) {
    return rejected(`intrinsic gas too low: gas ${tx.gasLimit}, minimum needed ${needed}`)
  }
  return { tx }
}

/**
 * Creates a decoder for one chain. It remembers what it decoded last, because the same bytes come by every relay and
 * recovering a sender takes 1.6 ms.
 */
export const createTxDecoder = (chainId: number): DecodeTx => {
  const known = new Map<string, ReturnType<DecodeTx>>()
  return (raw) => {
    if (typeof raw !== 'string' || !/^0x([0-9a-fA-F]{2})+$/.test(raw)) {
      return Promise.resolve(invalid('rlp: a transaction is 0x and an even number of hex digits'))
    }
    if (raw.length > longestRaw) return Promise.resolve(rejected('oversized data'))
    const bytes = raw.toLowerCase() as Hex
    const before = known.get(bytes)
    if (before !== undefined) return before
    const decoded = decode(bytes, chainId)
    known.set(bytes, decoded)
    if (known.size > remembered) known.delete(known.keys().next().value!)
    return decoded
  }
}
