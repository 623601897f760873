import type { WritableBook } from '../book/book.ts'
import { InvariantError, messageOf, ProtocolError } from '../core/errors.ts'
import type { Reason } from '../core/reasons.ts'
import type { Alert, Command, Entry, Event, Fact } from '../core/types/event.ts'
import type { Bundle, Plan } from '../core/types/plan.ts'
import { type Sec, sec } from '../core/units.ts'
import type { Monitor } from '../monitors/monitor.ts'
import type { Strategy, Verdict, World } from '../strategies/strategy.ts'
import { type AuditParams, createAuditRound } from './audit-round.ts'
import type { Intents, Settlement } from './intents.ts'
import { createRefusalLedger } from './refusal-ledger.ts'

/**
 * Owns one step of the loop. An event at a time, in this order and no other:
 *
 * 1. the book applies it;
 * 2. intents that it settles are settled, and a bundle that it completes is sent;
 * 3. the monitors observe, and what opened or closed is told;
 * 4. every strategy is asked, in its order, and sees what the ones before it have taken;
 * 5. the guard admits or refuses, operators are leased, a bundle is asked to be signed;
 * 6. accounts are named for the chain to confirm.
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
}

export interface EngineRooms {
  readonly book: WritableBook
  readonly monitor: Monitor
  readonly strategies: readonly Strategy[]
  /** Returns the plans that may be acted upon, and the refusals with those of its own. */
  readonly guard: (world: World, verdict: Verdict) => Verdict
  readonly intents: Intents
  readonly settings: EngineSettings
}

const nothing: Step = { facts: [], commands: [] }
/** Five minutes of mainnet: long enough to be seen, short enough to outlive a passing state. */
const benchBlocks = 25
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

const reasonOf = ({ outcome, wasSigned }: Settlement): Reason =>
  outcome === 'reverted' ? 'reverted' : wasSigned ? 'outbid' : 'expired'

/** Creates the engine over its rooms; it alone writes the book and the intents. */
export const createEngine = (rooms: EngineRooms): Engine => {
  const { book, monitor, strategies, guard, intents, settings } = rooms
  const ledger = createRefusalLedger()
  const audits = createAuditRound(settings.audit)
  const benchedUntil = new Map<string, number>()
  const foreignTold = new Set<string>()
  const headNumber = (): number => book.head?.number ?? 0

  const nextBlockSec = (): Sec => {
    const headSec = book.head?.timestampSec ?? 0
    const slot = settings.blockTimeSec
    const passed = Math.ceil((book.nowMs / 1000 - headSec - slot * lateSlot) / slot)
    return sec(headSec + slot * Math.max(1, passed))
  }

  const stepOf = (event: Event, seq: number): Step => {
    const facts: Fact[] = []
    const commands: Command[] = []

    const tell = (alert: Omit<Alert, 'block' | 'timestampSec'>): void => {
      const stamped: Alert = {
        ...alert,
        block: headNumber(),
        timestampSec: book.head?.timestampSec ?? sec(Math.floor(book.nowMs / 1000)),
      }
      pass(stamped)
    }
    const pass = (alert: Alert): void => {
      facts.push({ type: 'alert', alert })
      commands.push({ type: 'alert', alert })
    }
    const refuse = (position: string, reason: Reason): void => {
      if (ledger.isNews(position, reason, headNumber())) {
        facts.push({ type: 'refusal', position, reason })
      }
    }
    const refusePlans = (plans: readonly Plan[], reason: Reason): void => {
      for (const plan of plans) for (const { position } of plan.items) refuse(position, reason)
    }

    const settle = (): void => {
      const { settled, signed } = intents.observe(event)
      for (const settlement of settled) {
        const { intent, outcome, receipt } = settlement
        facts.push({ type: 'settled', intent: intent.id, outcome })
        if (outcome !== 'included') refusePlans([intent.plan], reasonOf(settlement))
        for (const { position } of receipt?.failures ?? []) refuse(position, 'item-failed')
      }
      if (signed !== undefined && settings.mode === 'live' && isTimely(signed.bundle)) {
        commands.push({ type: 'send', ...signed })
      }
    }

    const tellForeign = (): void => {
      for (const operator of intents.foreign) {
        if (foreignTold.has(operator)) continue
        foreignTold.add(operator)
        tell({
          key: `operator-foreign:${operator}`,
          severity: 'critical',
          status: 'open',
          kind: 'operator-foreign',
          text: `Take the key of operator ${operator} away from whoever else uses it: its nonce moved without us. It gets no more intents.`,
        })
      }
    }

    const act = (strategy: Strategy, plans: readonly Plan[]): void => {
      const late = plans.filter((plan) => plan.targetBlock <= headNumber())
      const held = new Set(intents.inFlight)
      const taken = plans.filter((plan) => {
        const isTaken = plan.items.some(({ position }) => held.has(position))
        for (const { position } of plan.items) held.add(position)
        return isTaken
      })
      const free = plans.filter((plan) => !late.includes(plan) && !taken.includes(plan))
      refusePlans(late, 'expired')
      refusePlans(taken, 'in-flight')
      if (settings.mode === 'watch') {
        refusePlans(free, 'mode-watch')
        return
      }
      const { bundle, leftOver } = intents.lease(`${seq}-${strategy.name}`, free)
      if (bundle !== undefined) {
        facts.push({ type: 'bundle', bundle })
        commands.push({ type: 'sign', bundle })
        for (const { plan } of bundle.intents) {
          for (const { position } of plan.items) ledger.forget(position)
        }
      }
      refusePlans(leftOver, 'no-operator')
    }

    const bench = (strategy: Strategy, thrown: unknown): void => {
      if (thrown instanceof InvariantError) throw thrown
      benchedUntil.set(strategy.name, headNumber() + benchBlocks)
      tell({
        key: `strategy-benched:${strategy.name}`,
        severity: 'critical',
        status: 'open',
        kind: 'strategy-benched',
        text: `Mend strategy "${strategy.name}": it threw "${messageOf(thrown)}" and is asked again in ${benchBlocks} blocks.`,
      })
    }

    const isBenched = ({ name }: Strategy): boolean => {
      const until = benchedUntil.get(name)
      if (until === undefined) return false
      if (headNumber() < until) return true
      benchedUntil.delete(name)
      tell({
        key: `strategy-benched:${name}`,
        severity: 'info',
        status: 'resolved',
        kind: 'strategy-benched',
        text: `Strategy "${name}" is asked again.`,
      })
      return false
    }

    const ask = (strategy: Strategy): void => {
      if (isBenched(strategy)) return
      let verdict: Verdict
      try {
        const world: World = {
          book,
          fair: monitor.fair,
          inFlight: intents.inFlight,
          nextBlockSec: nextBlockSec(),
        }
        verdict = guard(world, strategy.evaluate(world, event))
        checkTogether(strategy.name, verdict.plans)
      } catch (thrown) {
        bench(strategy, thrown)
        return
      }
      for (const { position, reason } of verdict.refusals) refuse(position, reason)
      if (verdict.plans.length > 0) act(strategy, verdict.plans)
    }

    settle()
    for (const alert of monitor.observe(book, event)) pass(alert)
    tellForeign()
    if (book.head !== undefined) for (const strategy of strategies) ask(strategy)
    for (const accounts of audits.batches(book, event)) {
      commands.push({ type: 'audit', block: headNumber(), accounts })
    }
    return facts.length === 0 && commands.length === 0 ? nothing : { facts, commands }
  }

  const isTimely = (bundle: Bundle): boolean => bundle.targetBlock > headNumber()

  return {
    isTimely,
    step: (entry) => {
      if (entry.event === undefined) return nothing
      book.apply(entry)
      return stepOf(entry.event, entry.seq)
    },
  }
}
