import { type Abi, parseAbi } from 'viem'
import { messageOf } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { AuditedAccount, Event } from '../../core/types/event.ts'
import { callByAbi, createRawCaller } from './multicall.ts'
import type { Rpc } from './rpc.ts'
import { hashOf, objectOf, quantity } from './rpc-values.ts'

const abi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
]) as Abi

type AccountData = readonly [bigint, bigint, bigint, bigint, bigint, bigint]

/** Compares accounts with `Pool.getUserAccountData` at one block; never rejects. */
export interface Auditor {
  readonly audit: (block: number, accounts: readonly AuditedAccount[]) => Promise<void>
}

/** Creates the auditor of an Aave V3 market; `pool` is known once the chain's source has read it. */
export const createAuditor = ({
  rpc,
  pool,
  emit,
  log,
}: {
  readonly rpc: Rpc
  readonly pool: () => Address | undefined
  readonly emit: (event: Event) => void
  readonly log: (text: string) => void
}): Auditor => {
  const caller = createRawCaller(rpc)

  const mismatchesOf = async (
    block: number,
    accounts: readonly AuditedAccount[],
    market: Address,
  ) => {
    const blockHash = await rpc.request('eth_getBlockByNumber', [quantity(block), false], (value) =>
      hashOf('block hash', objectOf('a block', value).hash),
    )
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
      const market = pool()
      if (market === undefined || accounts.length === 0) return
      try {
        const mismatches = await mismatchesOf(block, accounts, market)
        emit({ type: 'audit', block, checked: accounts.length, mismatches })
      } catch (thrown) {
        log(`accounts were not compared at block ${block}: ${messageOf(thrown)}`)
      }
    },
  }
}
