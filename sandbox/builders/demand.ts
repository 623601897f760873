/**
 * Everybody else on the chain: owns how full its blocks are.
 *
 * 1. The base fee of a block is what EIP-1559 makes of its parent's header, always. Demand fills the block before with
 *    the gas that brings it to the scenario's path, as far as an eighth reaches.
 * 2. Its transactions stand last, pay no tip, and create contracts of which the first instruction is INVALID: each uses
 *    exactly its gas limit and leaves nothing behind.
 */
import { toHex } from 'viem'
import { max, min } from '../../core/math.ts'
import type { Hex } from '../../core/types/chain.ts'
import { accounts } from '../chain/accounts.ts'
import type { Rpc } from '../chain/rpc.ts'
import { type FeeHeader, gasTargetOf } from '../node/base-fee.ts'
import { createTxDecoder } from '../node/decode-tx.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'
import { valueAt } from '../price-path.ts'
import type { Scenario } from '../scenario.ts'
import type { BlockEnv } from './block-env.ts'
import type { Effect } from './simulate.ts'

/** Fills blocks. */
export interface Demand {
  /** Returns what stands behind everything else in a block that uses this much gas already. */
  readonly fill: (
    env: BlockEnv,
    usedGas: bigint,
  ) => Promise<{ readonly txs: readonly DecodedTx[]; readonly effects: readonly Effect[] }>
}

/** EIP-7825, rounded down. */
const mostGasOfTx = 16_000_000n
/** Above what a contract creation costs before its first instruction. */
const leastGasOfTx = 60_000n
const invalid: Hex = '0xfe'
const plentyWei = 10n ** 24n

/** Returns the gas that a block must use for the next base fee to go toward the wanted one as far as it may (EIP-1559). */
export const gasToward = (
  { baseFeeWei, gasLimit }: Omit<FeeHeader, 'gasUsed'>,
  wantedWei: bigint,
): bigint => {
  const target = gasTargetOf(gasLimit)
  const mostWei = baseFeeWei / 8n
  const changeWei = max(-mostWei, min(mostWei, wantedWei - baseFeeWei))
  return baseFeeWei === 0n ? target : target + (changeWei * 8n * target) / baseFeeWei
}

/** Creates the demand of a scenario and gives it the ether that it burns. */
export const createDemand = async (
  rpc: Rpc,
  scenario: Pick<Scenario, 'chain'>,
  chainId = 1,
): Promise<Demand> => {
  const { startSec, blockTimeSec, baseFeeGwei } = scenario.chain
  const { crowd } = accounts
  const decode = createTxDecoder(chainId)
  await rpc.call('anvil_setBalance', [crowd.address, toHex(plentyWei)])

  const sign = async (nonce: number, gas: bigint, maxFeePerGas: bigint): Promise<DecodedTx> => {
    const raw = await crowd.signTransaction({
      type: 'eip1559',
      chainId,
      nonce,
      gas,
      data: invalid,
      maxFeePerGas,
      maxPriorityFeePerGas: 0n,
    })
    return ((await decode(raw)) as { readonly tx: DecodedTx }).tx
  }

  return {
    fill: async (env, usedGas) => {
      const nextSec = env.timestampSec + blockTimeSec - startSec
      const wantedWei = BigInt(Math.round(valueAt(baseFeeGwei, nextSec) * 1e9))
      const missingGas = gasToward(env, wantedWei) - usedGas
      if (missingGas < leastGasOfTx) return { txs: [], effects: [] }
      const count = Number((missingGas + mostGasOfTx - 1n) / mostGasOfTx)
      const gasUsed = missingGas / BigInt(count)
      const nonce = Number(
        await rpc.call<Hex>('eth_getTransactionCount', [crowd.address, toHex(env.parentNumber)]),
      )
      const txs = await Promise.all(
        Array.from({ length: count }, (_, i) => sign(nonce + i, gasUsed, env.baseFeeWei)),
      )
      const effect: Effect = { status: 'reverted', gasUsed, paidWei: 0n, output: '0x' }
      return { txs, effects: txs.map(() => effect) }
    },
  }
}
