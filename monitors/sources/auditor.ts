import { type Abi, parseAbi } from 'viem'
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { AuditedAccount, AuditMismatch, Event } from '../../core/types/event.ts'
import { callByAbi, createRawCaller } from './multicall.ts'
import type { Rpc } from './rpc.ts'

const abi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
]) as Abi

type AccountData = readonly [bigint, bigint, bigint, bigint, bigint, bigint]

/** Compares accounts with `Pool.getUserAccountData` at one block; never rejects. */
export interface Auditor {
  readonly audit: (block: number, accounts: readonly AuditedAccount[]) => Promise<void>
}

/**
 * Creates the auditor of an Aave V3 market; `pool` is known once the chain's source has read it. Accounts are compared at
 * the block as the book was told of it: once that block was replaced there is nothing to compare. An account of which the
 * node does not answer, even when asked for alone, was not compared; that is logged and is no mismatch.
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

  /** The chain's words by account; a call that fails in company, as under a node's gas cap, is made in ever smaller. */
  const ask = async (
    blockHash: Hex,
    market: Address,
    accounts: readonly Address[],
  ): Promise<ReadonlyMap<Address, AccountData>> => {
    const answers = await callByAbi(
      caller,
      blockHash,
      accounts.map((account) => ({
        address: market,
        abi,
        functionName: 'getUserAccountData',
        args: [account],
      })),
    )
    const answered = new Map<Address, AccountData>()
    const silent: Address[] = []
    for (const [i, account] of accounts.entries()) {
      const data = answers[i] as AccountData | undefined
      if (data === undefined) silent.push(account)
      else answered.set(account, data)
    }
    if (silent.length === 0 || accounts.length === 1) return answered
    const half = Math.ceil(silent.length / 2)
    for (const part of [silent.slice(0, half), silent.slice(half)]) {
      if (part.length === 0) continue
      for (const [account, data] of await ask(blockHash, market, part)) answered.set(account, data)
    }
    return answered
  }

  const mismatchOf = (
    block: number,
    { account, collateralBase, debtBase, healthFactorWad }: AuditedAccount,
    data: AccountData,
  ): readonly AuditMismatch[] => {
    const same = data[0] === collateralBase && data[1] === debtBase && data[5] === healthFactorWad
    const text = `${account} at block ${block}: collateral ${collateralBase} debt ${debtBase} health factor ${healthFactorWad}, the chain says ${data[0]} ${data[1]} ${data[5]}`
    return same ? [] : [{ account, text }]
  }

  return {
    audit: async (block, accounts) => {
      const [market, blockHash] = [pool(), hashOf(block)]
      if (market === undefined || blockHash === undefined || accounts.length === 0) return
      try {
        const addresses = accounts.map(({ account }) => account)
        const answered = await ask(blockHash, market, addresses)
        if (hashOf(block) !== blockHash) return
        const silent = accounts.length - answered.size
        if (silent > 0) log(`${silent} of ${accounts.length} accounts: no answer at block ${block}`)
        const mismatches = accounts.flatMap((account) => {
          const data = answered.get(account.account)
          return data === undefined ? [] : mismatchOf(block, account, data)
        })
        emit({ type: 'audit', block, compared: [...answered.keys()], mismatches })
        if (mismatches.length > 0) onMismatch()
      } catch (thrown) {
        log(`accounts were not compared at block ${block}: ${messageOf(thrown)}`)
      }
    },
  }
}
