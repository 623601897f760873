import { decodeFunctionResult, encodeDeployData, encodeFunctionData, zeroAddress } from 'viem'
import {
  ocr2StyleAggregatorAbi,
  ocr2StyleAggregatorBytecode,
} from '../../contracts/generated/ocr2-style-aggregator.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from './accounts.ts'
import { initCode, proxyArtifact } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { Placed } from './construct.ts'
import { epochAndRoundOf, faultsTolerated, transmitCalldata } from './feeds.ts'
import type { Asset } from './mainnet.ts'
import type { Rpc } from './rpc.ts'

const decimals = 8
const smallestAnswer = 1n
/** What mainnet's aggregators are configured with: no bound in practice. */
const largestAnswer = 2n ** 176n - 1n

/** Where the first report of every feed stands in its order of reports. */
const openingEpochAndRound = epochAndRoundOf(1, 1)

/** A feed with its first answer. */
export interface OpenedFeed {
  readonly asset: string
  readonly proxy: Address
  readonly aggregator: Address
  readonly configDigest: Hex
  /** Of the last report; the next one's must be greater. */
  readonly epochAndRound: number
  readonly answerUsd: number
}

/** Queues one aggregator per asset and who may sign and transmit; returns the addresses by asset. */
export const queueAggregators = (
  writer: BlockWriter,
  listed: readonly Asset[],
): Readonly<Record<string, Address>> => {
  const from = accounts.deployer.address
  const signers = accounts.oracleSigners.map(({ address }) => address)
  const transmitters = [accounts.transmitter, ...accounts.standbyTransmitters].map(
    ({ address }) => address,
  )
  const entries = listed.map(({ asset }) => {
    const data = encodeDeployData({
      abi: ocr2StyleAggregatorAbi,
      bytecode: ocr2StyleAggregatorBytecode,
      args: [smallestAnswer, largestAnswer, decimals, `${asset} / USD`],
    })
    const to = writer.create(`aggregator of ${asset}`, data)
    writer.invoke({ from, to, abi: ocr2StyleAggregatorAbi }, 'setConfig', [
      signers,
      transmitters,
      faultsTolerated,
      '0x',
      2n,
      '0x',
    ])
    return [asset, to] as const
  })
  return Object.fromEntries(entries)
}

/** Returns the proxies at mainnet's addresses, each over its aggregator. */
export const placedProxies = (
  listed: readonly Asset[],
  aggregators: Readonly<Record<string, Address>>,
): Placed[] => {
  const artifact = proxyArtifact()
  return listed.map(({ asset, proxy }) => ({
    what: `proxy of ${asset}`,
    address: proxy,
    initCode: initCode(artifact, [aggregators[asset], zeroAddress]),
  }))
}

/** Queues the first signed report of every feed; the aggregators must be mined and configured. */
export const queueOpeningAnswers = async (
  rpc: Rpc,
  writer: BlockWriter,
  listed: readonly Asset[],
  aggregators: Readonly<Record<string, Address>>,
  openingUsd: (asset: string) => number,
  observationsTimestampSec: number,
): Promise<OpenedFeed[]> => {
  const call = { abi: ocr2StyleAggregatorAbi, functionName: 'latestConfigDetails' } as const
  const results = await rpc.batch<Hex>(
    listed.map(({ asset }) => ({
      method: 'eth_call',
      params: [{ to: aggregators[asset], data: encodeFunctionData(call) }, 'latest'],
    })),
  )
  const feeds = listed.map(({ asset, proxy }, i): OpenedFeed => {
    const [, , configDigest] = decodeFunctionResult({ ...call, data: results[i]! })
    return {
      asset,
      proxy,
      aggregator: aggregators[asset]!,
      configDigest,
      epochAndRound: openingEpochAndRound,
      answerUsd: openingUsd(asset),
    }
  })
  for (const feed of feeds) {
    writer.call({
      what: `first answer of ${feed.asset}`,
      from: accounts.transmitter.address,
      to: feed.aggregator,
      data: await transmitCalldata({
        ...feed,
        observationsTimestampSec,
        signers: accounts.oracleSigners,
      }),
    })
  }
  return feeds
}
