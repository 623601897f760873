import type { WritableBook } from '../book/book.ts'
import { ProtocolError } from '../core/errors.ts'
import type { Reason } from '../core/reasons.ts'
import type { Command, Entry, Event, Fact } from '../core/types/event.ts'
import type { Bundle, Plan } from '../core/types/plan.ts'
import { gas, type Sec, sec } from '../core/units.ts'
import type { Monitor } from '../monitors/monitor.ts'
import { poolsAfter } from '../strategies/pools-after.ts'
import type { Strategy, Verdict, World } from '../strategies/strategy.ts'
import type { AlertLedger } from './alert-ledger.ts'
import { type AuditParams, createAuditRound } from './audit-round.ts'
import type { Intents, Settlement } from './intents.ts'
import { createLossBreaker, type LossLimits } from './loss-breaker.ts'
import { createRefusalLedger } from './refusal-ledger.ts'
import { createStepRecord, type StepRecord } from './step-record.ts'
import { createStrategyBench } from './strategy-bench.ts'

/**
 * Owns one step of the loop. An event at a time, in this order and no other:
 *
 * 1. the book applies it;
 * 2. intents that it settles are settled, and a bundle that it completes is sent;
 * 3. the monitors observe, and what opened or closed is told;
 * 4. every strategy is asked, in its order, and sees what the ones before it have taken;
 * 5. the guard admits or refuses, operators are leased, a bundle is asked to be signed;
 * 6. accounts and totals are named for the chain to confirm.
 *
 * Facts come in that order. Nothing awaits, reads a clock, draws a random number or logs: the same entries give the same
 * facts and commands. A strategy that throws is benched for some blocks and told; an InvariantError ends the process.
 */
export interface Engine {
  readonly step: (entry: Entry) => Step
  /** False when the bundle's target block is reached: it could no longer land. */
  readonly isTimely: (bundle: Bundle) => boolean
}

export interface Step {
  readonly facts: readonly Fact[]
  readonly commands: readonly Command[]
}

export interface EngineSettings {
  readonly mode: 'watch' | 'dry-run' | 'live'
  readonly blockTimeSec: number
  readonly audit: AuditParams
  readonly loss: LossLimits
}

export interface EngineRooms {
  readonly book: WritableBook
  readonly monitor: Monitor
  readonly strategies: readonly Strategy[]
  /** Returns the plans that may be acted upon, and the refusals with those of its own. */
  readonly guard: (world: World, verdict: Verdict) => Verdict
  readonly intents: Intents
  readonly alerts: AlertLedger
  readonly settings: EngineSettings
}

const nothing: Step = { facts: [], commands: [] }
/** A block that is late by less than this part of a slot may still come. */
const lateSlot = 2 / 3

/** Throws ProtocolError unless the plans can stand in one bundle. */
const checkTogether = (strategy: string, plans: readonly Plan[]): void => {
  const first = plans[0]
  const stranger = plans.find(
    (plan) =>
      plan.targetBlock !== first?.targetBlock || plan.behind?.txHash !== first.behind?.txHash,
  )
  if (stranger === undefined) return
  throw new ProtocolError(
    'STRATEGY_PLANS_APART',
    `Let strategy "${strategy}" plan for one block and behind one update at a time: plan "${stranger.id}" is for block ${stranger.targetBlock}, "${first?.id}" for ${first?.targetBlock}.`,
    { strategy },
  )
}

/** Creates the engine over its rooms; it alone writes the book and the intents. */
export const createEngine = (rooms: EngineRooms): Engine => {
  const { book, monitor, strategies, guard, intents, alerts, settings } = rooms
  const ledger = createRefusalLedger()
  const audits = createAuditRound(settings.audit)
  const resting = createStrategyBench()
  const losing = createLossBreaker(settings.loss, settings.blockTimeSec, intents.losses)
  const headNumber = (): number => book.head?.number ?? 0
  const isTimely = (bundle: Bundle): boolean => bundle.targetBlock > headNumber()

  const nextBlockSec = (): Sec => {
    const headSec = book.head?.timestampSec ?? 0
    const slot = settings.blockTimeSec
    const passed = Math.ceil((book.nowMs / 1000 - headSec - slot * lateSlot) / slot)
    return sec(headSec + slot * Math.max(1, passed))
  }

  const reasonOf = ({ outcome, wasSigned }: Settlement): Reason => {
    if (outcome === 'reverted') return 'reverted'
    if (settings.mode !== 'live') return 'mode-dry-run'
    return wasSigned ? 'outbid' : 'expired'
  }

  const settle = (event: Event, record: StepRecord): void => {
    const { settled, signed } = intents.observe(event)
    for (const settlement of settled) {
      const { intent, outcome, receipt } = settlement
      record.conclude({ type: 'settled', intent: intent.id, outcome })
      if (outcome !== 'included') record.refusePlans([intent.plan], reasonOf(settlement))
      for (const { position } of receipt?.failures ?? []) record.refuse(position, 'item-failed')
    }
    if (signed !== undefined && settings.mode === 'live' && isTimely(signed.bundle)) {
      record.command({ type: 'send', ...signed })
    }
  }

  const tellForeign = (record: StepRecord): void => {
    for (const operator of intents.foreign) {
      record.tell({
        key: `operator-foreign:${operator}`,
        severity: 'critical',
        status: 'open',
        kind: 'operator-foreign',
        text: `Take the key of operator ${operator} away from whoever else uses it: its nonce moved without us. It gets no more intents.`,
      })
    }
  }

  /** Leaves out what is late or taken, whatever strategy and guard say: it would be a second nonce. */
  const leasable = (plans: readonly Plan[], record: StepRecord): readonly Plan[] => {
    const held = new Set(intents.inFlight)
    return plans.filter((plan) => {
      const positions = plan.items.map(({ position }) => position)
      const isLate = plan.targetBlock <= headNumber()
      const isTaken = positions.some((position) => held.has(position))
      for (const position of positions) held.add(position)
      if (isLate || isTaken) record.refusePlans([plan], isLate ? 'expired' : 'in-flight')
      return !isLate && !isTaken
    })
  }

  const act = (bundleId: string, plans: readonly Plan[], record: StepRecord): void => {
    const free = leasable(plans, record)
    if (settings.mode === 'watch') {
      record.refusePlans(free, 'mode-watch')
      return
    }
    if (losing.isOpen()) {
      record.refusePlans(free, 'breaker-open')
      return
    }
    const { bundle, leftOver } = intents.lease(bundleId, free)
    if (bundle !== undefined) {
      record.conclude({ type: 'bundle', bundle })
      record.command({ type: 'sign', bundle })
      for (const { plan } of bundle.intents) {
        for (const { position } of plan.items) ledger.forget(position)
      }
    }
    record.refusePlans(leftOver, 'no-operator')
  }

  const ask = (strategy: Strategy, event: Event, seq: number, record: StepRecord): void => {
    const { name } = strategy
    if (resting.isBenched(name, headNumber(), record)) return
    let verdict: Verdict
    try {
      const { inFlight } = intents
      const plans = intents.openPlans(headNumber() + 1)
      const items = plans.flatMap((plan) => plan.items)
      const world: World = {
        book,
        fair: monitor.fair,
        pools: poolsAfter(book.pools, items),
        openGas: gas(plans.reduce((total, { gasLimit }) => total + gasLimit, 0n)),
        inFlight,
        nextBlockSec: nextBlockSec(),
      }
      verdict = guard(world, strategy.evaluate(world, event))
      checkTogether(name, verdict.plans)
    } catch (thrown) {
      resting.bench(name, thrown, headNumber(), record)
      return
    }
    for (const { position, reason } of verdict.refusals) record.refuse(position, reason)
    if (verdict.plans.length > 0) act(`${seq}-${name}`, verdict.plans, record)
  }

  return {
    isTimely,
    step: (entry) => {
      const { event, seq } = entry
      if (event === undefined) return nothing
      book.apply(entry)
      const record = createStepRecord(book, ledger, alerts)
      if (event.type === 'start') alerts.noteStart()
      settle(event, record)
      for (const alert of monitor.observe(book, event)) record.pass(alert)
      tellForeign(record)
      losing.observe(headNumber(), record)
      for (const alert of alerts.expired(entry.atMs, book.head !== undefined)) record.tell(alert)
      // An update that comes while a bundle is signed waits for the signatures, and so does whoever is asked after one
      // that planned: at `signed` all are asked again, to plan behind it.
      let waits = event.type === 'pending-update'
      for (const strategy of book.head === undefined ? [] : strategies) {
        if (waits && intents.isSigning(headNumber() + 1)) break
        ask(strategy, event, seq, record)
        waits = true
      }
      for (const accounts of audits.batches(book, event)) {
        record.command({ type: 'audit', block: headNumber(), accounts })
      }
      const totals = audits.totals(book, event)
      if (totals.length > 0) record.command({ type: 'audit-totals', block: headNumber(), totals })
      return record
    },
  }
}
