import { isAddress } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { nextBaseFeeWei } from '../node/base-fee.ts'
import { type DecodedTx, effectiveTipWei } from '../node/decoded-tx.ts'
import { refusal } from '../node/json-rpc.ts'
import { type BlockEnv, readHeader } from './block-env.ts'
import { bundleParams } from './bundle-params.ts'
import { createLedger, readAccounts } from './ledger.ts'
import { hashOfTxs } from './relay-bundle.ts'
import type { RelayDesk, RelayMethod } from './relay-desk.ts'
import { decodeAll } from './send-bundle.ts'
import type { Effect } from './simulate.ts'

/** What `eth_callBundle` says of one transaction (mev-geth, CallBundle). */
const resultOf = (tx: DecodedTx, effect: Effect, baseFeeWei: bigint): unknown => {
  const gasFeesWei = effect.gasUsed * effectiveTipWei(tx, baseFeeWei)
  return {
    coinbaseDiff: String(effect.paidWei),
    ethSentToCoinbase: String(effect.paidWei - gasFeesWei),
    fromAddress: tx.from,
    gasFees: String(gasFeesWei),
    gasPrice: String(effect.paidWei / effect.gasUsed),
    gasUsed: Number(effect.gasUsed),
    toAddress: tx.to ?? null,
    txHash: tx.hash,
    ...(effect.status === 'success'
      ? { value: effect.output }
      : { error: 'execution reverted', revert: effect.output }),
  }
}

const envOf = async (
  first: Record<string, unknown>,
  blockNumber: number,
  desk: RelayDesk,
): Promise<BlockEnv | undefined> => {
  const { stateBlockNumber, timestamp, coinbase } = first
  const tag = typeof stateBlockNumber === 'string' ? stateBlockNumber : 'latest'
  const parent = await readHeader(desk.rpc, tag === 'pending' ? 'latest' : tag)
  if (!parent) return undefined
  return {
    number: blockNumber,
    timestampSec:
      typeof timestamp === 'number' ? timestamp : parent.timestampSec + desk.blockTimeSec,
    baseFeeWei: nextBaseFeeWei(parent),
    gasLimit: parent.gasLimit,
    coinbase:
      typeof coinbase === 'string' && isAddress(coinbase, { strict: false })
        ? (coinbase.toLowerCase() as Address)
        : desk.coinbase,
    parentNumber: parent.number,
  }
}

/** Returns what makes a bundle invalid as a whole, in the words that the Flashbots client looks for. */
const invalidity = async (
  txs: readonly DecodedTx[],
  env: BlockEnv,
  desk: RelayDesk,
): Promise<string | undefined> => {
  const senders = txs.map(({ from }) => from)
  const accounts = await readAccounts(desk.rpc, senders, env.parentNumber)
  const ledger = createLedger(accounts, env.baseFeeWei)
  for (const tx of txs) {
    const fault = ledger.fault(tx)
    if (fault) return `err: ${fault.kind}: ${fault.detail}; txhash ${tx.hash}`
    ledger.spend(tx)
  }
  return undefined
}

/** Answers `eth_callBundle`. */
export const callBundle: RelayMethod = async ([value], _signer, desk) => {
  const read = bundleParams(value, desk.shape)
  if ('error' in read) return read
  const decoded = await decodeAll(read.params.txs, desk)
  if ('error' in decoded) return decoded
  const { txs } = decoded
  const env = await envOf(value as Record<string, unknown>, read.params.blockNumber!, desk)
  if (!env) return refusal(-32602, 'stateBlockNumber is not mined')
  const invalid = await invalidity(txs, env, desk)
  if (invalid !== undefined) return refusal(-32000, invalid)
  const effects = await desk.simulate(txs, env)
  const gasUsed = effects.reduce((sum, effect) => sum + effect.gasUsed, 0n)
  const paidWei = effects.reduce((sum, effect) => sum + effect.paidWei, 0n)
  const feesWei = effects.reduce(
    (sum, effect, i) => sum + effect.gasUsed * effectiveTipWei(txs[i]!, env.baseFeeWei),
    0n,
  )
  return {
    result: {
      bundleGasPrice: String(paidWei / gasUsed),
      bundleHash: hashOfTxs(txs),
      coinbaseDiff: String(paidWei),
      ethSentToCoinbase: String(paidWei - feesWei),
      gasFees: String(feesWei),
      results: effects.map((effect, i) => resultOf(txs[i]!, effect, env.baseFeeWei)),
      stateBlockNumber: env.parentNumber,
      totalGasUsed: Number(gasUsed),
    },
  }
}

/** Answers `flashbots_getUserStatsV2`. */
export const userStats: RelayMethod = async (_params, signer, desk) => ({
  result: desk.record.userStats(signer),
})

/** Answers `flashbots_getBundleStatsV2`. */
export const bundleStats: RelayMethod = async ([first], _signer, desk) => {
  const hash = (first as { bundleHash?: unknown } | undefined)?.bundleHash
  const stats =
    typeof hash === 'string' ? desk.record.bundleStats(hash as `0x${string}`) : undefined
  return stats ? { result: stats } : refusal(-32000, `bundle ${String(hash)} is not known`)
}
