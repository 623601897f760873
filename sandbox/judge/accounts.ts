import { decodeFunctionResult, encodeFunctionData, type Hex, multicall3Abi, parseAbi } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import { type BlockFacts, type SimulatedCall, simulateInBlock } from './simulate-in-block.ts'

const poolAbi = parseAbi([
  'function getUserAccountData(address) view returns (uint256, uint256, uint256, uint256, uint256, uint256 healthFactor)',
  'function getUserConfiguration(address) view returns (uint256)',
  'function getReservesList() view returns (address[])',
])
const tokenAbi = parseAbi(['function balanceOf(address) view returns (uint256)'])

export interface JudgedReserve {
  readonly token: Address
  readonly aToken: Address
  readonly variableDebtToken: Address
}

/** An account with a health factor below one, and what it holds and owes. */
export interface Underwater {
  readonly account: Address
  readonly healthFactorWad: bigint
  readonly collaterals: readonly Address[]
  readonly debts: readonly { readonly token: Address; readonly owedRaw: bigint }[]
}

interface Reader {
  readonly rpc: Rpc
  readonly multicall3: Address
  readonly pool: Address
  readonly reserves: readonly JudgedReserve[]
  readonly judge: Address
}

const chunk = 150

/** Reads many views inside the block, behind `before`, through Multicall3. */
const readAll = async (
  { rpc, multicall3, judge }: Reader,
  block: BlockFacts,
  before: readonly SimulatedCall[],
  views: readonly { readonly to: Address; readonly data: Hex }[],
): Promise<readonly Hex[]> => {
  const batches = Array.from({ length: Math.ceil(views.length / chunk) }, (_, index) =>
    views.slice(index * chunk, (index + 1) * chunk),
  )
  const results = await simulateInBlock(rpc, block, [
    ...before,
    ...batches.map((batch) => ({
      from: judge,
      to: multicall3,
      data: encodeFunctionData({
        abi: multicall3Abi,
        functionName: 'aggregate3',
        args: [batch.map(({ to, data }) => ({ target: to, allowFailure: false, callData: data }))],
      }),
    })),
  ])
  return results
    .slice(before.length)
    .flatMap((data) =>
      decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data }).map(
        ({ returnData }) => returnData,
      ),
    )
}

/** Returns every borrower below a health factor of one inside the block, behind the given calls, by the chain's own word. */
export const findUnderwater = async (
  reader: Reader,
  block: BlockFacts,
  before: readonly SimulatedCall[],
  borrowers: readonly Address[],
): Promise<readonly Underwater[]> => {
  const factors = await readAll(
    reader,
    block,
    before,
    borrowers.map((account) => ({
      to: reader.pool,
      data: encodeFunctionData({
        abi: poolAbi,
        functionName: 'getUserAccountData',
        args: [account],
      }),
    })),
  )
  const below = borrowers.flatMap((account, index) => {
    const healthFactorWad = decodeFunctionResult({
      abi: poolAbi,
      functionName: 'getUserAccountData',
      data: factors[index]!,
    })[5]
    return healthFactorWad < 10n ** 18n ? [{ account, healthFactorWad }] : []
  })
  if (below.length === 0) return []

  const balanceOf = (account: Address) =>
    encodeFunctionData({ abi: tokenAbi, functionName: 'balanceOf', args: [account] })
  const words = (
    await readAll(
      reader,
      block,
      before,
      below.flatMap(({ account }) => [
        {
          to: reader.pool,
          data: encodeFunctionData({
            abi: poolAbi,
            functionName: 'getUserConfiguration',
            args: [account],
          }),
        },
        ...reader.reserves.flatMap(({ aToken, variableDebtToken }) => [
          { to: aToken, data: balanceOf(account) },
          { to: variableDebtToken, data: balanceOf(account) },
        ]),
      ]),
    )
  ).map(BigInt)
  const [listed] = await readAll(reader, block, before, [
    {
      to: reader.pool,
      data: encodeFunctionData({ abi: poolAbi, functionName: 'getReservesList' }),
    },
  ])
  const ids = decodeFunctionResult({
    abi: poolAbi,
    functionName: 'getReservesList',
    data: listed!,
  }).map((token) => token.toLowerCase())

  const stride = 1 + 2 * reader.reserves.length
  return below.map(({ account, healthFactorWad }, index) => {
    const own = words.slice(index * stride, (index + 1) * stride)
    const usesAsCollateral = (token: Address) =>
      ((own[0]! >> BigInt(2 * ids.indexOf(token.toLowerCase()) + 1)) & 1n) === 1n
    return {
      account,
      healthFactorWad,
      collaterals: reader.reserves
        .filter(({ token }, at) => own[1 + 2 * at]! > 0n && usesAsCollateral(token))
        .map(({ token }) => token),
      debts: reader.reserves.flatMap(({ token }, at) => {
        const owedRaw = own[2 + 2 * at]!
        return owedRaw > 0n ? [{ token, owedRaw }] : []
      }),
    }
  })
}
