/**
 * Owns the making of blocks: who builds each, what stands in it and when it is mined.
 *
 * 1. Block k of the scenario stands at exactly `startSec + k * blockTimeSec`; a late one is made at once, none is skipped.
 * 2. The base fee is what EIP-1559 makes of the parent's header, so that everybody knows it in advance.
 * 3. The builder that wins the lottery simulates its bundles on the parent's state, which changes nothing, and merges
 *    them; public transactions follow, and the demand of everybody else. Only then does the block's content enter the chain's own pool, in order.
 * 4. What cannot be executed is left out and stops nobody else's.
 * 5. What was mined must be what was simulated: order, status, gas and payment. A difference is told and counted.
 */
import { InvariantError, messageOf } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { ScenarioClock } from '../clock.ts'
import { nextBaseFeeWei } from '../node/base-fee.ts'
import type { Mempool } from '../node/mempool.ts'
import type { Scenario } from '../scenario.ts'
import { type BlockEnv, readHeader } from './block-env.ts'
import type { Demand } from './demand.ts'
import { fillBlock } from './fill-block.ts'
import { landBlock } from './land-block.ts'
import { createLedger, readAccounts } from './ledger.ts'
import { winnerOf } from './lottery.ts'
import { type BundleFate, mergeBundles } from './merge-bundles.ts'
import type { Relay } from './relay.ts'
import { createSimulation } from './simulate.ts'

/** A block as its builder remembers it. */
export interface BuiltBlock {
  readonly number: number
  readonly builder: string
  readonly bundles: readonly BundleFate[]
  readonly publicTxs: readonly Hex[]
  /** Wall time from the slot to the mined block. */
  readonly tookMs: number
}

export interface BlockProducer {
  readonly start: () => void
  readonly stop: () => Promise<void>
  /** Makes the next block now. */
  readonly produceBlock: () => Promise<BuiltBlock>
  readonly built: readonly BuiltBlock[]
  /** What did not land as it was simulated. */
  readonly mismatches: readonly string[]
}

const empty = { txs: [], effects: [] } as const

/** Creates the block producer of a deployed scenario; blocks come with the clock once it is started. */
export const createBlockProducer = ({
  rpc,
  mempool,
  relays,
  clock,
  scenario,
  demand,
  log,
}: {
  readonly rpc: Rpc
  readonly mempool: Mempool
  readonly relays: readonly Relay[]
  readonly clock: Pick<ScenarioClock, 'now' | 'sleepUntil'>
  readonly scenario: Pick<Scenario, 'chain' | 'seed'>
  /** Without it blocks hold what was sent and nothing else. */
  readonly demand?: Demand
  readonly log: (text: string) => void
}): BlockProducer => {
  const { startSec, blockTimeSec, firstBlock } = scenario.chain
  const simulate = createSimulation(rpc)
  const built: BuiltBlock[] = []
  const mismatches: string[] = []
  const ending = new AbortController()
  let running: Promise<void> = Promise.resolve()

  const produceBlock = async (): Promise<BuiltBlock> => {
    const began = performance.now()
    const parent = await readHeader(rpc, 'latest')
    if (!parent)
      throw new InvariantError(
        'CHAIN_WITHOUT_HEAD',
        'Start the chain again: it has no latest block.',
      )
    const number = parent.number + 1
    const timestampSec = startSec + (number - firstBlock) * blockTimeSec
    const relay = winnerOf(relays, scenario.seed, number)
    const env: BlockEnv = {
      number,
      timestampSec,
      baseFeeWei: nextBaseFeeWei(parent),
      gasLimit: parent.gasLimit,
      coinbase: relay.coinbase,
      parentNumber: parent.number,
    }
    const bundles = relay.behaviour().ignore ? [] : relay.bundles.at(number, timestampSec)
    const pending = mempool.list()
    const senders = [...bundles.flatMap(({ txs }) => txs), ...pending].map(({ from }) => from)
    const ledger = createLedger(await readAccounts(rpc, senders, parent.number), env.baseFeeWei)
    const { draft, fates } = await mergeBundles(bundles, { ...empty, ledger }, env, simulate)
    const standing = new Set(draft.txs.map(({ hash }) => hash))
    const { publicTxs, effects } = await fillBlock(
      pending.filter(({ hash }) => !standing.has(hash)),
      draft,
      env,
      simulate,
    )
    const usedGas = effects.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
    const rest = (await demand?.fill(env, usedGas)) ?? empty
    const landed = await landBlock(
      rpc,
      env,
      [...draft.txs, ...publicTxs, ...rest.txs],
      [...effects, ...rest.effects],
    )
    for (const what of landed.differences) {
      mismatches.push(`block ${number}: ${what}`)
      log(`block ${number} is not as it was built: ${what}`)
    }

    const mined = new Set(landed.mined.map(({ hash }) => hash))
    mempool.settle(landed.mined)
    for (const { bundles: pool } of relays) pool.settle(number, mined)
    for (const { bundle, included, paidWei, gasUsed } of fates) {
      relay.record.simulated(bundle, gasUsed)
      if (included) relay.record.included(bundle, paidWei)
    }
    const block = {
      number,
      builder: relay.name,
      bundles: fates,
      publicTxs: publicTxs.map(({ hash }) => hash),
      tookMs: performance.now() - began,
    }
    built.push(block)
    return block
  }

  const run = async (): Promise<void> => {
    for (let k = 0; ; k++) {
      const atMs = (startSec + k * blockTimeSec) * 1000
      if (!(await clock.sleepUntil(atMs, ending.signal))) return
      await produceBlock()
    }
  }

  return {
    start: () => {
      running = run().catch((thrown: unknown) => {
        const fault = `no block can be made any more: ${messageOf(thrown)}`
        mismatches.push(fault)
        log(fault)
      })
    },
    stop: async () => {
      ending.abort()
      await running
    },
    produceBlock,
    built,
    mismatches,
  }
}
