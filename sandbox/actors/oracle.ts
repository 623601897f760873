/**
 * The oracle networks of a scenario: owns what every feed has said and the transmitter's account.
 *
 * 1. Once a block, well after the one before it and `leadOfBlock` of a block time before the next, every feed that has
 *    something to say sends one signed `transmit` to the public mempool.
 * 2. Feeds speak in the scenario's order, so the nonces of one block's reports follow that order.
 * 3. A feed has at most one report in flight; what falls due meanwhile is said when that one is mined.
 * 4. Whatever goes wrong in one block is told and tried again in the next; it never ends the oracle.
 */
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from '../chain/accounts.ts'
import type { Deployed } from '../chain/deployed.ts'
import { transmitCalldata } from '../chain/feeds.ts'
import { createRpc } from '../chain/rpc.ts'
import type { ScenarioClock } from '../clock.ts'
import type { Scenario } from '../scenario.ts'
import { createPublicAccount } from './public-account.ts'
import { createReportPlan, type Report } from './report-plan.ts'

/** A report that was sent. */
export interface SentReport {
  readonly asset: string
  readonly aggregator: Address
  readonly answerUsd: number
  readonly epochAndRound: number
  readonly txHash: Hex
  /** Scenario time. */
  readonly sentMs: number
  /** The timestamp of the first block that can hold it. */
  readonly blockSec: number
}

/** An actor of the sandbox. */
export interface OracleActor {
  /** Begins; while the clock stands nothing is sent. */
  readonly start: () => void
  readonly stop: () => Promise<void>
  readonly sent: readonly SentReport[]
}

/** A report is sent this share of a block time before its block: half a block in view at the least. */
const leadOfBlock = 0.6
const transmitGas = 400_000n
const tipWei = 1_500_000_000n

/** Creates the oracle of a deployed scenario, which speaks through a node's public mempool. */
export const createOracleActor = ({
  deployed,
  scenario,
  clock,
  rpcUrl,
  chainId = 1,
  log,
}: {
  readonly deployed: Pick<Deployed, 'assets'>
  readonly scenario: Scenario
  readonly clock: Pick<ScenarioClock, 'now' | 'sleepUntil'>
  readonly rpcUrl: string
  readonly chainId?: number
  readonly log: (text: string) => void
}): OracleActor => {
  const { startSec, blockTimeSec, baseFeeGwei } = scenario.chain
  const peakGwei = Math.max(...baseFeeGwei.map(([, gwei]) => gwei))
  const account = createPublicAccount({
    account: accounts.transmitter,
    rpc: createRpc(rpcUrl),
    chainId,
    tipWei,
    maxFeeWei: BigInt(Math.ceil(peakGwei * 4e9)) + tipWei,
    log,
  })
  const opened = new Map(Object.values(deployed.assets).map((feed) => [feed.asset, feed]))
  const feeds = Object.keys(scenario.oracles).flatMap((asset) => {
    const feed = opened.get(asset)
    if (!feed) return []
    const plan = createReportPlan(scenario, asset, feed.answerUsd)
    return [{ ...feed, plan, said: feed.epochAndRound, waiting: undefined as Report | undefined }]
  })
  const inFlight = new Map<string, { readonly txHash: Hex; readonly report: Report }>()
  const sent: SentReport[] = []
  const controller = new AbortController()
  let running: Promise<void> | undefined

  const speak = async (feed: (typeof feeds)[number], report: Report, blockSec: number) => {
    const { asset, aggregator, configDigest } = feed
    const epochAndRound = feed.said + 1
    const data = await transmitCalldata({
      configDigest,
      epochAndRound,
      observationsTimestampSec: Math.floor(startSec + report.observedSec),
      answerUsd: report.answerUsd,
      signers: accounts.oracleSigners,
    })
    const txHash = await account.send({ to: aggregator, data, gas: transmitGas })
    feed.said = epochAndRound
    feed.waiting = undefined
    inFlight.set(asset, { txHash, report })
    const { answerUsd } = report
    sent.push({
      asset,
      aggregator,
      answerUsd,
      epochAndRound,
      txHash,
      sentMs: clock.now(),
      blockSec,
    })
    log(`oracle ${asset} reports ${answerUsd} for the block at ${blockSec}`)
  }

  const oneBlock = async (blockSec: number): Promise<void> => {
    const nowSec = clock.now() / 1000 - startSec
    for (const feed of feeds)
      feed.waiting = feed.plan.due(nowSec, blockSec - startSec) ?? feed.waiting
    const { waiting, lost } = await account.settle()
    for (const feed of feeds) {
      const before = inFlight.get(feed.asset)
      if (before && waiting.has(before.txHash)) continue
      if (before && lost.has(before.txHash)) feed.waiting ??= before.report
      inFlight.delete(feed.asset)
      if (feed.waiting) await speak(feed, feed.waiting, blockSec)
    }
  }

  /** The first block after the given one that is still to come. */
  const blockAfter = (sec: number): number => {
    const passed = Math.floor((clock.now() / 1000 - startSec) / blockTimeSec)
    return Math.max(sec + blockTimeSec, startSec + (passed + 1) * blockTimeSec)
  }

  const run = async (): Promise<void> => {
    let blockSec = blockAfter(startSec)
    const sendMs = (): number => (blockSec - leadOfBlock * blockTimeSec) * 1000
    while (await clock.sleepUntil(sendMs(), controller.signal)) {
      await oneBlock(blockSec).catch((thrown: unknown) => log(`oracle: ${messageOf(thrown)}`))
      blockSec = blockAfter(blockSec)
    }
  }

  return {
    start: () => {
      running ??= run()
    },
    stop: async () => {
      controller.abort()
      await running
    },
    sent,
  }
}
