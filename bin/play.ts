/**
 * One run of a scenario: owns the world, the bot beside it and the judgement of both.
 *
 * 1. The bot is a process of its own with the configuration of an operator; only its environment comes from here.
 * 2. The clock starts with the bot; a bot that does not sync within `syncMs` ends the run.
 * 3. The report is made of the bot's journal and of the chain, and neither is believed about the other's matters.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TransientError } from '../core/errors.ts'
import type { ForkOf } from '../sandbox/chain/anvil.ts'
import { readChainRecord } from '../sandbox/chain-record.ts'
import { scoreOf, scoreRun } from '../sandbox/judge/score.ts'
import { usdAt } from '../sandbox/price-path.ts'
import type { Scenario } from '../sandbox/scenario.ts'
import { startSandbox } from '../sandbox/start-sandbox.ts'
import { startBotProcess } from './bot-process.ts'
import { buildReport } from './build-report.ts'
import { readJournalRecord } from './journal-record.ts'
import type { Report } from './report.ts'

export interface PlayOptions {
  readonly scenario: Scenario
  /** The chain to play on; the sandbox's own unless given. */
  readonly fork?: ForkOf | undefined
  readonly config: string
  readonly dataDir: string | undefined
  /** Where the world's node listens; any free port unless given. */
  readonly rpcPort: number | undefined
  readonly signal: AbortSignal
  /** One line of progress for a person. */
  readonly step: (text: string) => void
  /** Lines of the bot's log and of the sandbox's. */
  readonly log: (text: string) => void
  /** Called with the report while world and bot go on; both end when it resolves. Without it they end before it. */
  readonly linger?: ((report: Report) => Promise<void>) | undefined
}

/** Wall time at which this process started. */
const processStartMs = performance.timeOrigin
/** Between what the bot is told of the clock and its start. */
const leadMs = 1_500
const syncMs = 60_000
/** Blocks after the last of the scenario, so that what it sent is settled. */
const settleBlocks = 2

/** Waits for the book to be synced, no longer than `syncMs`, and not beyond the abort. */
const syncedInTime = async (synced: Promise<void>, signal: AbortSignal): Promise<void> => {
  const late = sleep(syncMs, undefined, { signal, ref: false }).then(
    () => {
      throw new TransientError(
        'BOT_NOT_SYNCED',
        `The bot has not synced within ${syncMs / 1000} s; give --data-dir a folder and read run.log there.`,
      )
    },
    (error: unknown) => {
      if (!signal.aborted) throw error
    },
  )
  await Promise.race([synced, late])
}

/** Plays a scenario to its end and returns the report; everything that was started is ended. */
export const play = async (options: PlayOptions): Promise<Report> => {
  const { signal, step, log } = options
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'bailiff-'))
  const { scenario: asked, fork, rpcPort } = options
  const sandbox = await startSandbox({ scenario: asked, fork, log, step, rpcPort })
  let bot: ReturnType<typeof startBotProcess> | undefined
  try {
    const { scenario } = sandbox
    const { chain } = scenario
    step(`starting the bot; the world's node is at ${sandbox.node.httpUrl}`)
    const startWallMs = Date.now() + leadMs
    sandbox.begin(startWallMs)
    bot = startBotProcess({
      config: options.config,
      environment: {
        ...sandbox.environment,
        BAILIFF_DATA_DIR: dataDir,
        BAILIFF_CLOCK: JSON.stringify(sandbox.clock.json),
      },
      onLog: (line) => {
        log(line)
        const notice = /"msg":"(Queue on [^"]*)"/.exec(line)?.[1]
        if (notice) step(notice)
      },
    })
    await syncedInTime(bot.synced, signal)
    step(
      `playing "${scenario.name}": ${scenario.lengthSec} s at ${chain.compression} times real time`,
    )
    const endMs = (chain.startSec + scenario.lengthSec + settleBlocks * chain.blockTimeSec) * 1000
    for (let next = chain.startSec; next * 1000 < endMs && !signal.aborted; next += 60) {
      await sandbox.clock.sleepUntil(Math.min(endMs, next * 1000), signal)
      const last = sandbox.producer.built.at(-1)
      step(
        `${Math.max(0, Math.round(sandbox.clock.now() / 1000 - chain.startSec))} of ${scenario.lengthSec} s, block ${last?.number ?? '-'}, ether at ${usdAt(scenario, 'ETH', sandbox.clock.now() / 1000 - chain.startSec).toFixed(2)}`,
      )
    }
    await sandbox.clock.sleepUntil(endMs, signal)
    if (!options.linger) {
      await sandbox.producer.stop()
      step('stopping the bot')
      await bot.stop()
    }

    const { rpc } = sandbox.anvil
    const { deployed, bruteForce } = sandbox
    const record = await readChainRecord(rpc, deployed, chain.firstBlock)
    if (bruteForce !== undefined) step('judging by brute force')
    const score =
      bruteForce === undefined
        ? scoreOf([], [], record)
        : await scoreRun({
            ...{ rpc, deployed, bruteForce, record },
            etherUsd: (timestampSec) => usdAt(scenario, 'ETH', timestampSec - chain.startSec),
            progress: (done, of) => step(`judged ${done} of ${of} blocks with oracle updates`),
          })
    const report = buildReport({
      sandbox,
      record,
      score,
      journal: readJournalRecord(join(dataDir, 'bailiff.journal')),
      processStartMs,
    })
    await options.linger?.(report)
    return report
  } finally {
    await bot?.stop()
    await sandbox.stop()
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
  }
}
