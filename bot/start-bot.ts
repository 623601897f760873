/**
 * The wiring: builds everything from a configuration and owns its life. The only place that knows all the parts.
 *
 * 1. The loop comes first and the sources last; they end in the opposite order.
 * 2. A command of the loop is carried out here and its outcome goes back as an event; nothing here decides.
 * 3. Nothing is pushed to the loop before everything that its commands need is there.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { zeroAddress } from 'viem'
import type { Config } from '../config/schema.ts'
import { type BailiffError, ConfigError, TransientError } from '../core/errors.ts'
import type { Address } from '../core/types/chain.ts'
import type { Command, Event } from '../core/types/event.ts'
import { createReceiptTracker } from '../execution/receipts.ts'
import { createSender } from '../execution/send.ts'
import type { Source } from '../monitors/source.ts'
import { createAuditor } from '../monitors/sources/auditor.ts'
import { createMempoolSource } from '../monitors/sources/mempool.ts'
import { createRpc, type Rpc } from '../monitors/sources/rpc.ts'
import { numberOf } from '../monitors/sources/rpc-values.ts'
import { createTimerSource } from '../monitors/sources/timer.ts'
import { createWatchedFeeds } from '../monitors/sources/watched-feeds.ts'
import { createAlertDesk } from './alert-desk.ts'
import { createClock } from './clock.ts'
import { parseClock } from './clock-text.ts'
import { createHands } from './hands.ts'
import { operatorKey } from './intents-memory.ts'
import { startLoop } from './loop.ts'
import { loopSettingsOf } from './loop-settings-of.ts'
import { createNodeClient } from './node-client.ts'
import { chainSourceOf, exchangeSourcesOf } from './sources-of.ts'

export interface BotLog {
  readonly info: (text: string) => void
  readonly warn: (text: string) => void
  readonly error: (text: string) => void
}

export interface Bot {
  /** Ends sources, loop and queue; resolves when nothing is left running. */
  readonly stop: () => Promise<void>
  /** Rejects with the error that ended the bot by itself. */
  readonly died: Promise<never>
}

export interface BotOptions {
  readonly config: Config
  /** Where a redis-server is looked for. */
  readonly path: string
  readonly log: BotLog
  readonly onEvent?: (event: Event) => void
  /** Goes live although an operator's key was used for more than the journal explains. */
  readonly acceptNewJournal?: boolean
}

/** A node that does not answer is tried again by the sources. */
const whenAnswered = async <T>(
  asked: Promise<T>,
  log: (text: string) => void = () => undefined,
): Promise<T | undefined> => {
  try {
    return await asked
  } catch (thrown) {
    if (!(thrown instanceof TransientError)) throw thrown
    log(`The node does not answer yet and is tried again for ever. ${thrown.message}`)
    return undefined
  }
}

/**
 * Refuses to go live without a record of what a used key has signed: it may still land. While the node does not answer,
 * the intents' memory holds the same rule.
 */
const refuseUsedKeys = async (
  rpc: Rpc,
  operators: readonly Address[],
  explainedNonces: ReadonlyMap<string, number>,
): Promise<void> => {
  for (const operator of operators) {
    const used = await whenAnswered(
      rpc.request('eth_getTransactionCount', [operator, 'latest'], (value) =>
        numberOf('nonce', value),
      ),
    )
    const known = explainedNonces.get(operatorKey(operator)) ?? 0
    if (used !== undefined && used > known)
      throw new ConfigError(
        'JOURNAL_MISSING',
        `Put back the journal of operator ${operator}, which has sent ${used} transactions where this data folder knows of ${known}; or pass --accept-new-journal once no signed transaction of it can land any more.`,
        { operator, used, known },
      )
  }
}

/** Starts a bot; rejects with ConfigError for what the operator must change. */
export const startBot = async ({
  config,
  path,
  log,
  onEvent,
  acceptNewJournal = false,
}: BotOptions): Promise<Bot> => {
  const { chain } = config
  mkdirSync(config.dataDir, { recursive: true })
  const clock = createClock(parseClock(chain.clock))
  const rpc = createRpc({ urls: [chain.rpcHttp], chainId: chain.id })
  // A node of another chain is refused here.
  await whenAnswered(
    rpc.request('eth_blockNumber', [], (value) => numberOf('block number', value)),
    log.warn,
  )
  const hands = createHands(config)

  let fail: (error: unknown) => void = () => undefined
  const died = new Promise<never>((_, reject) => {
    fail = reject
  })
  died.catch(() => undefined)

  let loop: Awaited<ReturnType<typeof startLoop>> | undefined
  const push = (event: Event): void => {
    if (event.type === 'reorg') tracker.reconsider()
    onEvent?.(event)
    loop?.push(hands.seen(event))
  }
  const desk = createAlertDesk(
    {
      dataDir: config.dataDir,
      redisUrl: config.queue.redisUrl,
      webhook: config.alerts.webhook,
      path,
      onQueued: (entry) => push({ type: 'alert-queued', entry }),
    },
    log,
  )
  const sender = createSender({ builders: hands.builders, emit: push, clock, log: log.warn })
  const tracker = createReceiptTracker({
    client: createNodeClient(rpc),
    // Without one nothing is signed, so that there is no receipt to read.
    executor: config.executor ?? zeroAddress,
    log: log.warn,
  })

  const watched = createWatchedFeeds()
  const chainSource = chainSourceOf(config, {
    rpc,
    watched,
    operators: hands.operators,
    collectReceipts: tracker.collect,
    clock,
    log,
  })
  const { pool, hashOf } = chainSource
  const auditor = createAuditor({
    rpc,
    pool,
    hashOf,
    emit: push,
    onMismatch: chainSource.resync,
    log: log.warn,
  })

  const carryOut = async (command: Command): Promise<void> => {
    if (command.type === 'alert') desk.raise(command.alert, command.entry)
    if (command.type === 'audit') await auditor.audit(command.block, command.accounts)
    if (command.type === 'audit-totals') await auditor.auditTotals(command.block, command.totals)
    if (command.type === 'sign' && hands.signer) {
      const signed = await hands.signer.sign(command.bundle)
      push({ type: 'signed', bundle: command.bundle.id, signed })
    }
    if (command.type === 'send') {
      tracker.watch(command.bundle, command.signed)
      log.info(
        `bundle ${command.bundle.id}: ${command.bundle.intents.flatMap(({ plan }) => plan.items).length} positions to ${hands.builders.length} builders for block ${command.bundle.targetBlock}`,
      )
      await sender.send(command.bundle, command.signed)
    }
  }

  loop = await startLoop({
    settings: loopSettingsOf(config, `${config.mode}-${clock()}`),
    journalFile: join(config.dataDir, 'bailiff.journal'),
    onCommand: (command) => {
      carryOut(command).catch(fail)
    },
    onFatal: (error: BailiffError) => fail(error),
    log: (level, text) => log[level](text),
    acceptsNonces: acceptNewJournal,
  })
  const started = loop
  desk.open()
  const stopOwn = async (): Promise<void> => {
    await desk.stop()
    await started.stop()
  }
  if (config.mode === 'live' && !acceptNewJournal) {
    try {
      await refuseUsedKeys(rpc, hands.operators, loop.explainedNonces)
    } catch (error) {
      await stopOwn()
      throw error
    }
  }
  for (const { alert, entry } of loop.undelivered) desk.raise(alert, entry)
  for (const { intent, signed } of loop.unsettled) {
    if (!signed) continue
    const bundle = {
      id: `recovered:${intent.id}`,
      targetBlock: intent.deadlineBlock,
      intents: [intent],
    }
    tracker.watch(bundle, [signed])
  }

  const sources: readonly Source[] = [
    chainSource,
    createMempoolSource({ wsUrl: chain.rpcWs, rpc, watched, clock, log: log.warn }),
    ...exchangeSourcesOf(config, clock),
    createTimerSource(),
  ]
  const ending = new AbortController()
  const running = sources.map((source) => source.start(push, ending.signal).catch(fail))

  return {
    died,
    stop: async () => {
      ending.abort()
      await Promise.all(running)
      await stopOwn()
    },
  }
}
