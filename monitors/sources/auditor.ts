import { type Abi, parseAbi } from 'viem'
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { AuditedAccount, Event } from '../../core/types/event.ts'
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
 * the block as the book was told of it: once that block was replaced there is nothing to compare.
 */
export const createAuditor = ({
  rpc,
  pool,
  hashOf,
  emit,
  log,
}: {
  readonly rpc: Rpc
  readonly pool: () => Address | undefined
  /** The hash by which a block was told, undefined when it is not one that the book stands on. */
  readonly hashOf: (block: number) => Hex | undefined
  readonly emit: (event: Event) => void
  readonly log: (text: string) => void
}): Auditor => {
  const caller = createRawCaller(rpc)

  const mismatchesOf = async (
    { block, blockHash }: { readonly block: number; readonly blockHash: Hex },
    accounts: readonly AuditedAccount[],
    market: Address,
  ): Promise<readonly string[]> => {
    const answers = await callByAbi(
      caller,
      blockHash,
      accounts.map(({ account }) => ({
        address: market,
        abi,
        functionName: 'getUserAccountData',
        args: [account],
      })),
    )
    return accounts.flatMap(({ account, collateralBase, debtBase, healthFactorWad }, i) => {
      const data = answers[i] as AccountData | undefined
      if (data === undefined) return [`${account}: the chain does not answer`]
      const same = data[0] === collateralBase && data[1] === debtBase && data[5] === healthFactorWad
      return same
        ? []
        : [
            `${account} at block ${block}: collateral ${collateralBase} debt ${debtBase} health factor ${healthFactorWad}, the chain says ${data[0]} ${data[1]} ${data[5]}`,
          ]
    })
  }

  return {
    audit: async (block, accounts) => {
      const [market, blockHash] = [pool(), hashOf(block)]
      if (market === undefined || blockHash === undefined || accounts.length === 0) return
      try {
        const mismatches = await mismatchesOf({ block, blockHash }, accounts, market)
        if (hashOf(block) !== blockHash) return
        emit({ type: 'audit', block, checked: accounts.length, mismatches })
      } catch (thrown) {
        log(`accounts were not compared at block ${block}: ${messageOf(thrown)}`)
      }
    },
  }
}
