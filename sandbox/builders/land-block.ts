import { toHex } from 'viem'
import { messageOf, ProtocolError } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { DecodedTx } from '../node/decoded-tx.ts'
import type { BlockEnv } from './block-env.ts'
import type { Effect } from './simulate.ts'

/** A mined block beside what it was built as. */
export interface LandedBlock {
  readonly mined: readonly DecodedTx[]
  /** Where the two are not alike; empty as long as simulation tells the truth. */
  readonly differences: readonly string[]
}

interface ReceiptFacts {
  readonly transactionHash: Hex
  readonly status: Hex
  readonly gasUsed: Hex
}

interface HeaderFacts {
  readonly timestamp: Hex
  readonly baseFeePerGas: Hex
}

const differencesOf = (
  txs: readonly DecodedTx[],
  effects: readonly Effect[],
  receipts: readonly ReceiptFacts[],
): readonly string[] => {
  const differences: string[] = []
  if (receipts.length !== txs.length) {
    differences.push(`${receipts.length} of ${txs.length} transactions are in it`)
  }
  txs.forEach(({ hash }, i) => {
    const receipt = receipts[i]
    const effect = effects[i]!
    if (receipt?.transactionHash !== hash) {
      differences.push(`${hash} is not at index ${i}`)
      return
    }
    const status = BigInt(receipt.status) === 1n ? 'success' : 'reverted'
    const gasUsed = BigInt(receipt.gasUsed)
    if (status !== effect.status || gasUsed !== effect.gasUsed) {
      differences.push(
        `${hash}: ${status} with ${gasUsed} gas, simulated ${effect.status} with ${effect.gasUsed}`,
      )
    }
  })
  return differences
}

/**
 * Mines one block of exactly these transactions in this order. The chain's own pool is empty before and after, so that
 * what it refuses or cannot execute is a difference of this block and no guest of a later one.
 */
export const landBlock = async (
  rpc: Rpc,
  env: BlockEnv,
  txs: readonly DecodedTx[],
  effects: readonly Effect[],
): Promise<LandedBlock> => {
  const refused: string[] = []
  await rpc.batch([
    { method: 'anvil_dropAllTransactions', params: [] },
    { method: 'anvil_setCoinbase', params: [env.coinbase] },
    { method: 'anvil_setNextBlockBaseFeePerGas', params: [toHex(env.baseFeeWei)] },
  ])
  for (const { hash, raw } of txs) {
    await rpc.call('eth_sendRawTransaction', [raw]).catch((thrown: unknown) => {
      if (!(thrown instanceof ProtocolError)) throw thrown
      refused.push(`${hash} is refused: ${messageOf(thrown)}`)
    })
  }
  await rpc.call('evm_mine', [env.timestampSec])
  const [header, receipts, before, after] = (await rpc.batch<unknown>([
    { method: 'eth_getBlockByNumber', params: [toHex(env.number), false] },
    { method: 'eth_getBlockReceipts', params: [toHex(env.number)] },
    { method: 'eth_getBalance', params: [env.coinbase, toHex(env.parentNumber)] },
    { method: 'eth_getBalance', params: [env.coinbase, toHex(env.number)] },
  ])) as [HeaderFacts, readonly ReceiptFacts[], Hex, Hex]
  if (receipts.length !== txs.length) await rpc.call('anvil_dropAllTransactions')

  const paidWei = BigInt(after) - BigInt(before)
  const dueWei = effects.reduce((sum, effect) => sum + effect.paidWei, 0n)
  const timestampSec = Number(header.timestamp)
  const baseFeeWei = BigInt(header.baseFeePerGas)
  const here = new Set(receipts.map(({ transactionHash }) => transactionHash))
  return {
    mined: txs.filter(({ hash }) => here.has(hash)),
    differences: [
      ...refused,
      ...differencesOf(txs, effects, receipts),
      ...(paidWei === dueWei
        ? []
        : [`its fee recipient got ${paidWei} wei, simulated were ${dueWei}`]),
      ...(timestampSec === env.timestampSec && baseFeeWei === env.baseFeeWei
        ? []
        : [`it stands at ${timestampSec} with base fee ${baseFeeWei}`]),
    ],
  }
}
