import { type Abi, parseAbi } from 'viem'
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { AuditedAccount, AuditedTotal, AuditMismatch, Event } from '../../core/types/event.ts'
import { type AbiCall, callByAbi, createRawCaller } from './multicall.ts'
import type { Rpc } from './rpc.ts'

const abi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
  'function scaledTotalSupply() view returns (uint256)',
]) as Abi

type AccountData = readonly [bigint, bigint, bigint, bigint, bigint, bigint]

/** Compares the book with the chain at one block; never rejects. */
export interface Auditor {
  /** Accounts, with `Pool.getUserAccountData`. */
  readonly audit: (block: number, accounts: readonly AuditedAccount[]) => Promise<void>
  /** What all accounts hold together, with each token's `scaledTotalSupply`: who is missing shows there. */
  readonly auditTotals: (block: number, totals: readonly AuditedTotal[]) => Promise<void>
}

/** A question to the chain, and what is wrong when it answers so; undefined when nothing is. */
interface Question {
  readonly key: Address
  readonly call: AbiCall
  readonly faultOf: (answer: unknown) => string | undefined
}

/**
 * Creates the auditor of an Aave V3 market; `pool` is known once the chain's source has read it. Accounts are compared at
 * the block as the book was told of it: once that block was replaced there is nothing to compare. An account of which the
 * node does not answer, even when asked for alone, was not compared; that is logged and is no mismatch. Questions are put
 * one after the other, however many come at once.
 */
export const createAuditor = ({
  rpc,
  pool,
  hashOf,
  emit,
  onMismatch,
  log,
}: {
  readonly rpc: Rpc
  readonly pool: () => Address | undefined
  /** The hash by which a block was told, undefined when it is not one that the book stands on. */
  readonly hashOf: (block: number) => Hex | undefined
  readonly emit: (event: Event) => void
  readonly onMismatch: () => void
  readonly log: (text: string) => void
}): Auditor => {
  const caller = createRawCaller(rpc)
  let last: Promise<void> = Promise.resolve()

  /** The chain's words by key; a call that fails in company, as under a node's gas cap, is made in ever smaller. */
  const ask = async (
    blockHash: Hex,
    questions: readonly Question[],
  ): Promise<ReadonlyMap<Address, unknown>> => {
    const answers = await callByAbi(
      caller,
      blockHash,
      questions.map(({ call }) => call),
    )
    const answered = new Map<Address, unknown>()
    const silent: Question[] = []
    for (const [i, question] of questions.entries()) {
      if (answers[i] === undefined) silent.push(question)
      else answered.set(question.key, answers[i])
    }
    if (silent.length === 0 || questions.length === 1) return answered
    const half = Math.ceil(silent.length / 2)
    for (const part of [silent.slice(0, half), silent.slice(half)]) {
      if (part.length === 0) continue
      for (const [key, answer] of await ask(blockHash, part)) answered.set(key, answer)
    }
    return answered
  }

  const compareNow = async (block: number, questions: readonly Question[]): Promise<void> => {
    const blockHash = hashOf(block)
    if (blockHash === undefined || questions.length === 0) return
    try {
      const answered = await ask(blockHash, questions)
      if (hashOf(block) !== blockHash) return
      const silent = questions.length - answered.size
      if (silent > 0) log(`${silent} of ${questions.length}: no answer at block ${block}`)
      const mismatches = questions.flatMap(({ key, faultOf }): readonly AuditMismatch[] => {
        const fault = answered.has(key) ? faultOf(answered.get(key)) : undefined
        return fault === undefined
          ? []
          : [{ account: key, text: `${key} at block ${block}: ${fault}` }]
      })
      emit({ type: 'audit', block, compared: [...answered.keys()], mismatches })
      if (mismatches.length > 0) onMismatch()
    } catch (thrown) {
      log(`nothing was compared at block ${block}: ${messageOf(thrown)}`)
    }
  }

  const compare = (block: number, questions: readonly Question[]): Promise<void> => {
    last = last.then(() => compareNow(block, questions))
    return last
  }

  const callOf = (address: Address, functionName: string, ...args: unknown[]): AbiCall => ({
    ...{ address, abi, functionName, args },
  })

  return {
    audit: async (block, accounts) => {
      const market = pool()
      if (market === undefined) return
      const questions = accounts.map(
        ({ account, collateralBase, debtBase, healthFactorWad }): Question => ({
          key: account,
          call: callOf(market, 'getUserAccountData', account),
          faultOf: (answer) => {
            const [collateral, debt, , , , health] = answer as AccountData
            return collateral === collateralBase && debt === debtBase && health === healthFactorWad
              ? undefined
              : `collateral ${collateralBase} debt ${debtBase} health factor ${healthFactorWad}, the chain says ${collateral} ${debt} ${health}`
          },
        }),
      )
      await compare(block, questions)
    },
    auditTotals: (block, totals) =>
      compare(
        block,
        totals.map(({ token, scaledRaw }) => ({
          key: token,
          call: callOf(token, 'scaledTotalSupply'),
          faultOf: (answer) =>
            answer === scaledRaw
              ? undefined
              : `accounts hold ${scaledRaw} scaled together, the chain says ${answer}: one is missing`,
        })),
      ),
  }
}
