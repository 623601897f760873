/**
 * Owns the last gate between a plan and an intent, and what it has let through for one block.
 *
 * 1. A plan is admitted whole or refused whole, for the first reason that holds, in the order of the checks below.
 * 2. What was admitted counts against the caps of its target block, whether or not it is sent.
 * 3. It repeats what strategies have looked at already (denied accounts, positions in flight): a strategy may be
 *    wrong, and this is the last one to notice.
 */
import type { Reason } from '../core/reasons.ts'
import type { Address } from '../core/types/chain.ts'
import type { Plan } from '../core/types/plan.ts'
import { MAX_TX_GAS } from './gas.ts'
import { repaidUsd } from './notional.ts'
import { isOracleWrong } from './oracle-check.ts'
import type { Refusal, Verdict, World } from './strategy.ts'

export interface GuardParams {
  readonly mode: 'watch' | 'dry-run' | 'live'
  /** The head's age by its own timestamp on the book's clock. */
  readonly maxHeadAgeMs: number
  /** Debt repaid by one transaction, and by all for one block. */
  readonly maxPlanUsd: number
  readonly maxBlockUsd: number
  readonly maxPlanGas?: number
  readonly maxBlockGas?: number
  readonly oracleWrongBps: number
  readonly denyAccounts: readonly Address[]
  readonly denyTokens: readonly Address[]
  /** When not empty, only these. */
  readonly allowAccounts?: readonly Address[]
  readonly allowTokens?: readonly Address[]
}

export interface Guard {
  /** Returns why a plan must not become an intent, or admits and counts it. */
  readonly admit: (plan: Plan, world: World) => 'admitted' | Reason
  /** Returns a verdict without the plans that were refused, and with a refusal of each of their positions. */
  readonly review: (world: World, verdict: Verdict) => Verdict
}

/** Creates a guard that has admitted nothing yet. */
export const createGuard = (params: GuardParams): Guard => {
  const isListed = createLists(params)
  let block = -1
  let blockUsd = 0
  let blockGas = 0n

  const check = (plan: Plan, world: World): Reason | undefined => {
    const { book } = world
    if (params.mode === 'watch') return 'mode-watch'
    if (book.auditMismatches.length > 0) return 'audit-mismatch'
    if (isStale(plan, world, params.maxHeadAgeMs)) return 'book-stale'
    if (!plan.items.every(isListed)) return 'denied'
    if (plan.items.some(({ position }) => world.inFlight.has(position))) return 'in-flight'
    if (isOracleWrong(plan, world, params.oracleWrongBps)) return 'oracle-wrong'
    return undefined
  }

  /** Counts the plan when it is within the caps. */
  const count = (plan: Plan, world: World): boolean => {
    const usd = repaidUsd(plan, world)
    if (usd === undefined || usd > params.maxPlanUsd) return false
    if (plan.gasLimit > BigInt(params.maxPlanGas ?? MAX_TX_GAS)) return false
    const same = plan.targetBlock === block
    const totalUsd = (same ? blockUsd : 0) + usd
    const totalGas = (same ? blockGas : 0n) + plan.gasLimit
    if (totalUsd > params.maxBlockUsd) return false
    if (params.maxBlockGas !== undefined && totalGas > BigInt(params.maxBlockGas)) return false
    block = plan.targetBlock
    blockUsd = totalUsd
    blockGas = totalGas
    return true
  }

  const admit: Guard['admit'] = (plan, world) => {
    const reason = check(plan, world)
    if (reason !== undefined) return reason
    return count(plan, world) ? 'admitted' : 'over-cap'
  }

  return {
    admit,
    review: (world, { plans, refusals }) => {
      const admitted: Plan[] = []
      const refused: Refusal[] = [...refusals]
      for (const plan of plans) {
        const reason = admit(plan, world)
        if (reason === 'admitted') admitted.push(plan)
        else for (const { position } of plan.items) refused.push({ position, reason })
      }
      return { plans: admitted, refusals: refused }
    },
  }
}

/** A plan for another head than the book's is stale too: it was sized on pools that moved. */
const isStale = (plan: Plan, { book }: World, maxHeadAgeMs: number): boolean => {
  const { head } = book
  return (
    head === undefined ||
    plan.targetBlock !== head.number + 1 ||
    plan.parentHash !== head.hash ||
    book.nowMs - head.timestampSec * 1000 > maxHeadAgeMs
  )
}

interface Touched {
  readonly account: Address
  readonly collateral: Address
  readonly debt: Address
}

const createLists = (params: GuardParams): ((item: Touched) => boolean) => {
  const deniedAccounts = lowerCase(params.denyAccounts)
  const deniedTokens = lowerCase(params.denyTokens)
  const allowedAccounts = lowerCase(params.allowAccounts)
  const allowedTokens = lowerCase(params.allowTokens)
  const passes = (address: Address, denied: Addresses, allowed: Addresses): boolean => {
    const name = address.toLowerCase()
    return !denied.has(name) && (allowed.size === 0 || allowed.has(name))
  }
  return ({ account, collateral, debt }) =>
    passes(account, deniedAccounts, allowedAccounts) &&
    passes(collateral, deniedTokens, allowedTokens) &&
    passes(debt, deniedTokens, allowedTokens)
}

type Addresses = ReadonlySet<string>

const lowerCase = (addresses: readonly Address[] = []): Addresses =>
  new Set(addresses.map((address) => address.toLowerCase()))
