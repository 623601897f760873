import { toHex } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'
import type { BlockEnv } from './block-env.ts'

/** What a transaction does at its place in a block. */
export interface Effect {
  readonly status: 'success' | 'reverted'
  readonly gasUsed: bigint
  /** By how much it makes the fee recipient richer: tip and payments. */
  readonly paidWei: bigint
  /** What it returned or reverted with. */
  readonly output: Hex
}

/** Executes transactions in order on top of a block's parent and changes nothing. */
export type Simulate = (txs: readonly DecodedTx[], env: BlockEnv) => Promise<readonly Effect[]>

/** Returns what the chain said when it refused. */
export const refusalOf = (thrown: ProtocolError): string =>
  (thrown.data.error as { readonly message?: string } | undefined)?.message ?? thrown.message

/** What transactions do, or why one of them cannot be executed at all. */
export type Attempt = { readonly effects: readonly Effect[] } | { readonly refusal: string }

/** Simulates transactions of which one may be impossible, such as a sender's that an earlier one left without money. */
export const attempt = async (
  simulate: Simulate,
  txs: readonly DecodedTx[],
  env: BlockEnv,
): Promise<Attempt> => {
  try {
    return { effects: await simulate(txs, env) }
  } catch (thrown) {
    if (thrown instanceof ProtocolError) return { refusal: refusalOf(thrown) }
    throw thrown
  }
}

/** Nobody's address; for the simulation alone it has code that returns the fee recipient's balance. */
const probe: Address = '0x000000000000000000000000000000000ba1a9ce'
/** COINBASE BALANCE PUSH0 MSTORE PUSH1 32 PUSH0 RETURN */
const probeCode: Hex = '0x41315f5260205ff3'
const probeGas = toHex(60_000)

interface WireCall {
  readonly status: Hex
  readonly gasUsed: Hex
  readonly returnData: Hex
}

const callOf = (tx: DecodedTx): Readonly<Record<string, unknown>> => ({
  from: tx.from,
  ...(tx.to === undefined ? {} : { to: tx.to }),
  nonce: toHex(tx.nonce),
  gas: toHex(tx.gasLimit),
  maxFeePerGas: toHex(tx.maxFeeWei),
  maxPriorityFeePerGas: toHex(tx.tipWei),
  value: toHex(tx.valueWei),
  input: tx.data,
  ...(tx.accessList.length === 0 ? {} : { accessList: tx.accessList }),
})

/**
 * Creates the simulation by one `eth_simulateV1` with a probe of the fee recipient's balance around each transaction.
 * Nonce and base fee are the caller's to check: anvil 1.7.1 ignores `validation` for both, and probes that pay no fee
 * need it off anyway. Throws ProtocolError when a sender cannot pay.
 */
export const createSimulation =
  (rpc: Rpc): Simulate =>
  async (txs, env) => {
    if (txs.length === 0) return []
    const balance = { to: probe, gas: probeGas }
    const block = {
      blockOverrides: {
        number: toHex(env.number),
        time: toHex(env.timestampSec),
        feeRecipient: env.coinbase,
        baseFeePerGas: toHex(env.baseFeeWei),
      },
      stateOverrides: { [probe]: { code: probeCode } },
      calls: [balance, ...txs.flatMap((tx) => [callOf(tx), balance])],
    }
    const [answer] = await rpc.call<readonly { readonly calls: readonly WireCall[] }[]>(
      'eth_simulateV1',
      [{ blockStateCalls: [block], validation: false }, toHex(env.parentNumber)],
    )
    const calls = answer!.calls
    const balanceAt = (i: number): bigint => BigInt(calls[2 * i]!.returnData)
    return txs.map((_, i) => {
      const { status, gasUsed, returnData } = calls[2 * i + 1]!
      return {
        status: BigInt(status) === 1n ? 'success' : 'reverted',
        gasUsed: BigInt(gasUsed),
        paidWei: balanceAt(i + 1) - balanceAt(i),
        output: returnData,
      }
    })
  }
