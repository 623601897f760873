/**
 * The oracle networks of a scenario: owns what every feed has said and the transmitters' accounts.
 *
 * 1. Once a block, after the one before it and `leadSec` before the next, every feed that has something to say sends one
 *    signed `transmit`: to the public mempool, or to the builders alone when its `visibility` is private.
 * 2. Of feeds with the same lead those first in the scenario speak first, so the nonces of one block's reports follow
 *    that order. What is private has a transmitter of its own: a hidden nonce would hold up a public one.
 * 3. A feed has at most one report in flight; what falls due meanwhile is said when that one is mined.
 * 4. Whatever goes wrong with a feed is told and tried again in the next block; it never ends the oracle.
 */
import { ConfigError, messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from '../chain/accounts.ts'
import type { Deployed, DeployedAsset } from '../chain/deployed.ts'
import { transmitCalldata } from '../chain/feeds.ts'
import { createRpc } from '../chain/rpc.ts'
import type { ScenarioClock } from '../clock.ts'
import type { Scenario } from '../scenario.ts'
import { type Actor, createActor } from './actor.ts'
import { type BuilderEndpoint, createPrivateLine } from './private-line.ts'
import { createReportPlan, type OracleReport, type ReportPlan } from './report-plan.ts'
import { createSender, type Fates, feeCapWei } from './sender.ts'

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
  readonly visibility: Visibility
}

type Visibility = Scenario['oracles'][string]['visibility']

export interface OracleActor extends Actor {
  readonly sent: readonly SentReport[]
  /** Has a feed report an answer for the next block that can hold it; throws ConfigError for an asset without a feed. */
  readonly say: (asset: string, answerUsd: number) => void
}

interface Speaker extends DeployedAsset {
  readonly visibility: Visibility
  readonly leadSec: number
  readonly plan: ReportPlan
  said: number
  waiting: OracleReport | undefined
}

/** Unless told otherwise a report is sent this share of a block time before its block: half a block in view at least. */
const leadOfBlock = 0.6
const transmitGas = 400_000n
const tipWei = 1_500_000_000n

/** Creates the oracle of a deployed scenario, which speaks through a node's public mempool or to builders. */
export const createOracleActor = ({
  deployed,
  scenario,
  clock,
  rpcUrl,
  builders = [],
  chainId = 1,
  log,
}: {
  readonly deployed: Pick<Deployed, 'assets'>
  readonly scenario: Scenario
  readonly clock: Pick<ScenarioClock, 'now' | 'sleepUntil'>
  readonly rpcUrl: string
  /** Who get what is private. */
  readonly builders?: readonly BuilderEndpoint[]
  readonly chainId?: number
  readonly log: (text: string) => void
}): OracleActor => {
  const { startSec, blockTimeSec } = scenario.chain
  const common = {
    rpc: createRpc(rpcUrl),
    chainId,
    tipWei,
    maxFeeWei: feeCapWei(scenario, tipWei),
    log,
  }
  const hidden = accounts.hiddenTransmitter
  const senders = {
    public: createSender({ ...common, account: accounts.transmitter }),
    private: createSender({
      ...common,
      account: hidden,
      submit: createPrivateLine(builders, hidden),
    }),
  } satisfies Record<Visibility, unknown>
  const opened = new Map(Object.values(deployed.assets).map((feed) => [feed.asset, feed]))
  const feeds = Object.keys(scenario.oracles).flatMap((asset): readonly Speaker[] => {
    const feed = opened.get(asset)
    if (!feed) return []
    const { visibility, leadSec = leadOfBlock * blockTimeSec } = scenario.oracles[asset]!
    const plan = createReportPlan(scenario, asset, feed.answerUsd)
    const said = feed.epochAndRound
    return [{ ...feed, visibility, leadSec, plan, said, waiting: undefined }]
  })
  feeds.sort((a, b) => b.leadSec - a.leadSec)
  const inFlight = new Map<string, { readonly txHash: Hex; readonly report: OracleReport }>()
  const sent: SentReport[] = []

  const speak = async (feed: Speaker, report: OracleReport, blockSec: number): Promise<void> => {
    const { asset, aggregator, configDigest, visibility } = feed
    const epochAndRound = feed.said + 1
    const data = await transmitCalldata({
      configDigest,
      epochAndRound,
      observationsTimestampSec: Math.floor(startSec + report.observedSec),
      answerUsd: report.answerUsd,
      signers: accounts.oracleSigners,
    })
    const txHash = await senders[visibility].send({ to: aggregator, data, gas: transmitGas })
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
      visibility,
    })
    log(`oracle ${asset} reports ${answerUsd} for the block at ${blockSec}`)
  }

  /** What became of all that is in flight, in both ways. */
  const settle = async (): Promise<Fates> => {
    const [open, secret] = await Promise.all([senders.public.settle(), senders.private.settle()])
    return {
      waiting: new Set([...open.waiting, ...secret.waiting]),
      lost: new Set([...open.lost, ...secret.lost]),
    }
  }

  const oneFeed = async (feed: Speaker, fates: Fates, blockSec: number): Promise<void> => {
    const nowSec = clock.now() / 1000 - startSec
    feed.waiting = feed.plan.due(nowSec, blockSec - startSec) ?? feed.waiting
    const before = inFlight.get(feed.asset)
    if (before && fates.waiting.has(before.txHash)) return
    if (before && fates.lost.has(before.txHash)) feed.waiting ??= before.report
    inFlight.delete(feed.asset)
    if (feed.waiting) await speak(feed, feed.waiting, blockSec)
  }

  /** The first block after the given one that is still to come. */
  const blockAfter = (sec: number): number => {
    const passed = Math.floor((clock.now() / 1000 - startSec) / blockTimeSec)
    return Math.max(sec + blockTimeSec, startSec + (passed + 1) * blockTimeSec)
  }

  const told = (thrown: unknown): undefined => {
    log(`oracle: ${messageOf(thrown)}`)
  }

  const run = async (signal: AbortSignal): Promise<void> => {
    for (let blockSec = blockAfter(startSec); ; blockSec = blockAfter(blockSec)) {
      let fates: Fates | undefined
      for (const feed of feeds) {
        if (!(await clock.sleepUntil((blockSec - feed.leadSec) * 1000, signal))) return
        fates ??= await settle().catch(told)
        if (fates) await oneFeed(feed, fates, blockSec).catch(told)
      }
    }
  }

  return {
    ...createActor(run),
    sent,
    say: (asset, answerUsd) => {
      const feed = feeds.find((one) => one.asset === asset)
      if (feed === undefined || !(answerUsd > 0))
        throw new ConfigError(
          'FEED_UNKNOWN',
          `Give one of ${feeds.map((one) => one.asset).join(', ')} and a price above zero, not "${asset}" and ${answerUsd}.`,
        )
      feed.waiting = { answerUsd, observedSec: clock.now() / 1000 - startSec }
    },
  }
}
