import { parseAbi } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import type { AaveMarket } from '../../core/types/market.ts'
import { raw, type Sec } from '../../core/units.ts'
import type { Holding } from '../../protocols/aave-v3/holding.ts'
import type { AaveLab } from './aave-lab.ts'
import type { LabFollower } from './lab-follower.ts'

/** An account as the chain itself tells it. */
export interface ChainAccount {
  readonly address: Address
  readonly category: number
  readonly stable: boolean
  /** One per reserve, in the market's order, empty ones too; slots are places in the market. */
  readonly holdings: readonly Holding[]
  readonly collateralBase: bigint
  readonly debtBase: bigint
  readonly averageThresholdBps: bigint
  readonly healthFactorWad: bigint
}

const scaledAbi = parseAbi([
  'function scaledBalanceOf(address user) view returns (uint256)',
  'function balanceOf(address user) view returns (uint256)',
])

/** Reads accounts from the head: balances, bits, categories, and what the pool concludes from them. */
export const readAccounts = async (
  lab: AaveLab,
  market: AaveMarket,
  accounts: readonly Address[],
): Promise<readonly ChainAccount[]> => {
  const token = (address: Address, functionName: string, user: Address) => ({
    address,
    abi: scaledAbi,
    functionName,
    args: [user],
  })
  const pool = (functionName: string, user: Address) => ({
    address: lab.pool,
    abi: lab.poolAbi,
    functionName,
    args: [user],
  })
  const calls = accounts.flatMap((user) => [
    pool('getUserConfiguration', user),
    pool('getUserEMode', user),
    pool('getUserAccountData', user),
    ...market.reserves.flatMap(({ aToken, variableDebtToken, stableDebtToken }) => [
      token(aToken, 'scaledBalanceOf', user),
      token(variableDebtToken, 'scaledBalanceOf', user),
      token(stableDebtToken!, 'balanceOf', user),
    ]),
  ])
  const answers = await lab.chain.read(calls)
  const width = 3 + 3 * market.reserves.length
  return accounts.map((address, n) => {
    const [configuration, category, data, ...balances] = answers.slice(n * width, (n + 1) * width)
    const { data: bits } = configuration as { readonly data: bigint }
    const [collateralBase, debtBase, , averageThresholdBps, , healthFactorWad] =
      data as readonly bigint[]
    const holdings = market.reserves.map(({ id }, slot) => ({
      slot,
      suppliedRaw: raw(balances[3 * slot] as bigint),
      owedRaw: raw(balances[3 * slot + 1] as bigint),
      collateral: ((bits >> BigInt(2 * id + 1)) & 1n) === 1n,
    }))
    return {
      address: address.toLowerCase() as Address,
      category: Number(category),
      stable: market.reserves.some((_, slot) => balances[3 * slot + 2] !== 0n),
      holdings,
      collateralBase: collateralBase!,
      debtBase: debtBase!,
      averageThresholdBps: averageThresholdBps!,
      healthFactorWad: healthFactorWad!,
    }
  })
}

/** What differs between the chain's account and the book's, at the head; nothing when they are equal to the wei. */
export const differences = (
  follower: LabFollower,
  chain: readonly ChainAccount[],
  timestampSec: Sec,
): readonly unknown[] => {
  const view = follower.view(timestampSec)
  return chain
    .filter(({ stable }) => !stable)
    .map((account) => {
      const { address, collateralBase, debtBase, healthFactorWad } = account
      const book = follower.book.audited(address, view)
      return { address, chain: { collateralBase, debtBase, healthFactorWad }, book }
    })
    .filter(
      ({ chain, book }) =>
        book !== undefined &&
        (book.collateralBase !== chain.collateralBase ||
          book.debtBase !== chain.debtBase ||
          book.healthFactorWad !== chain.healthFactorWad),
    )
}
