/**
 * Owns the transactions of one evaluation while they are filled.
 *
 * 1. Only the last one is open: items are sized on what all items before them leave, in this order.
 * 2. Each has an operator of its own, no more gas than one can pay for, and all of them fit into one block.
 * 3. One that its items do not pay for yet is not closed: they come in falling order, so that what comes after it would
 *    not pay either. It may be left over at the end.
 */
import type { Reason } from '../core/reasons.ts'
import type { Gas } from '../core/units.ts'
import type { Opportunity } from '../protocols/protocol.ts'
import type { OperatorBudget } from './operator-budget.ts'
import { beginDraft, extendDraft, isWorth, type PlanDraft, type PlanFrame } from './plan-draft.ts'
import type { Sized } from './sizing.ts'

export interface Drafts {
  /** Takes the item at the end of the last transaction, or begins another; else says why not. */
  readonly add: (sized: Sized) => Reason | undefined
  readonly isFull: () => boolean
  /** Those that are worth sending. */
  readonly all: () => readonly PlanDraft[]
  /** Who is in none of those, though it would pay for its own gas. */
  readonly leftOver: () => readonly Opportunity[]
}

/** Creates an empty list of transactions, for a block of which others of ours may use `openGas` already. */
export const createDrafts = (frame: PlanFrame, budget: OperatorBudget, openGas: Gas): Drafts => {
  const closed: PlanDraft[] = []
  let open: PlanDraft | undefined

  const fits = (draft: PlanDraft): boolean => {
    // What stands before a transaction uses its limit at most.
    const before = closed.reduce((total, { gasLimit }) => total + gasLimit, openGas as bigint)
    const updates = [...frame.ahead, ...(frame.behind ? [frame.behind] : [])]
    const update = updates.reduce((total, { gasLimit }) => total + gasLimit, 0n)
    return (
      draft.gasLimit <= budget.gasLimit && before + update + draft.gasLimit <= frame.head.gasLimit
    )
  }
  const mayBegin = (): boolean => closed.length + (open === undefined ? 0 : 1) < budget.plans
  const isUnpaid = (): boolean => open !== undefined && !isWorth(open, frame)

  return {
    add: (sized) => {
      const extended = open && extendDraft(open, sized, frame)
      if (extended !== undefined && fits(extended)) {
        open = extended
        return undefined
      }
      const begun = beginDraft(sized, frame)
      if (begun === undefined || isUnpaid()) return 'unprofitable'
      if (!mayBegin()) return 'no-operator'
      if (open !== undefined) closed.push(open)
      if (fits(begun)) {
        open = begun
        return undefined
      }
      open = closed.pop()
      return 'over-cap'
    },
    isFull: () =>
      open !== undefined &&
      open.items.length >= frame.params.maxItemsPerTx &&
      (isUnpaid() || !mayBegin()),
    all: () => (open === undefined || isUnpaid() ? closed : [...closed, open]),
    leftOver: () =>
      open !== undefined && isUnpaid() ? open.items.map(({ sized }) => sized.opportunity) : [],
  }
}
