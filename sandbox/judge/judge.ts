/**
 * The judge: an independent brute force over the chain's own state.
 *
 * 1. It knows nothing of the bot: every number comes from the genuine contracts, simulated inside the block that holds
 *    an oracle update, right behind the update, on the state before that block.
 * 2. For each account below a health factor of one it tries every pair, every route of one or two pools and a grid of
 *    sizes, then refines the best; accounts are taken one after the other, the most profitable first, each on the pools
 *    as the ones before left them.
 * 3. A position counts as profitable when the WETH gained covers the gas of one liquidation and `minNetWei`.
 */
import { decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import { bruteForceAbi } from '../../contracts/generated/brute-force.ts'
import type { Address } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import { findUnderwater, type JudgedReserve, type Underwater } from './accounts.ts'
import { type JudgedPool, pathsBetween } from './routes.ts'
import { type BlockFacts, type SimulatedCall, simulateInBlock } from './simulate-in-block.ts'

export interface JudgedUpdate {
  readonly block: BlockFacts
  /** The oracle's transaction, replayed as a call, and any update before it in the same block. */
  readonly updates: readonly SimulatedCall[]
}

/** A position that brute force closes at a profit behind one update. */
export interface JudgedPosition {
  readonly account: Address
  readonly block: number
  readonly collateral: Address
  readonly debt: Address
  readonly repayRaw: bigint
  readonly profitWei: bigint
  /** `profitWei` less the gas of one liquidation at the block's base fee. */
  readonly netWei: bigint
}

export interface JudgeOptions {
  readonly rpc: Rpc
  readonly pool: Address
  readonly weth: Address
  readonly multicall3: Address
  readonly bruteForce: Address
  readonly judge: Address
  readonly reserves: readonly JudgedReserve[]
  readonly pools: readonly JudgedPool[]
  readonly borrowers: readonly Address[]
  /** What one more liquidation in a batch costs. */
  readonly gasPerLiquidation: bigint
  readonly minNetWei: bigint
}

interface Trial {
  readonly account: Address
  readonly collateral: Address
  readonly debt: Address
  readonly repay: bigint
  readonly buy: Hex
  readonly sell: Hex
}

interface Scored {
  readonly trial: Trial
  readonly profitWei: bigint
}

/** Below this health factor the whole debt may be repaid at once (`CLOSE_FACTOR_HF_THRESHOLD`). */
const closeFactorThresholdWad = 95n * 10n ** 16n
const trialsPerCall = 14
const grid = 16n

export const createJudge = (options: JudgeOptions) => {
  const callBruteForce = (
    functionName: 'scan' | 'commit',
    trials: readonly Trial[],
  ): readonly SimulatedCall[] =>
    Array.from({ length: Math.ceil(trials.length / trialsPerCall) }, (_, index) => ({
      from: options.judge,
      to: options.bruteForce,
      data: encodeFunctionData({
        abi: bruteForceAbi,
        functionName,
        args: [trials.slice(index * trialsPerCall, (index + 1) * trialsPerCall)],
      }),
    }))

  const score = async (
    { block, updates }: JudgedUpdate,
    taken: readonly Trial[],
    trials: readonly Trial[],
  ): Promise<readonly Scored[]> => {
    if (trials.length === 0) return []
    const before = [...updates, ...callBruteForce('commit', taken)]
    const results = await simulateInBlock(options.rpc, block, [
      ...before,
      ...callBruteForce('scan', trials),
    ])
    const profits = results
      .slice(before.length)
      .flatMap((data) => decodeFunctionResult({ abi: bruteForceAbi, functionName: 'scan', data }))
    return trials.map((trial, index) => ({ trial, profitWei: profits[index]! }))
  }

  const best = (scored: readonly Scored[]): Scored | undefined =>
    scored.reduce<Scored | undefined>(
      (top, next) => (next.profitWei > (top?.profitWei ?? 0n) ? next : top),
      undefined,
    )

  const capOf = (account: Underwater, owedRaw: bigint): bigint =>
    account.healthFactorWad > closeFactorThresholdWad ? (owedRaw + 1n) / 2n : owedRaw

  /** Every pair and route of an account at the given sixteenths of the most that may be repaid. */
  const trialsOf = (account: Underwater, sixteenths: readonly bigint[]): readonly Trial[] =>
    account.collaterals.flatMap((collateral) =>
      account.debts
        .filter(({ token }) => token.toLowerCase() !== collateral.toLowerCase())
        .flatMap(({ token: debt, owedRaw }) => {
          const isWeth = collateral.toLowerCase() === options.weth.toLowerCase()
          const sells = isWeth
            ? (['0x'] as const)
            : pathsBetween(options.pools, collateral, options.weth).slice(0, 2)
          return pathsBetween(options.pools, debt, collateral).flatMap((buy) =>
            sells.flatMap((sell) =>
              sixteenths.map((part) => ({
                account: account.account,
                collateral,
                debt,
                repay: (capOf(account, owedRaw) * part) / grid,
                buy,
                sell,
              })),
            ),
          )
        })
        .filter(({ repay }) => repay > 0n),
    )

  const refine = async (
    update: JudgedUpdate,
    taken: readonly Trial[],
    account: Underwater,
    combos: readonly Trial[],
  ): Promise<Scored | undefined> => {
    const caps = new Map(
      account.debts.map(({ token, owedRaw }) => [token, capOf(account, owedRaw)]),
    )
    const coarse = combos.flatMap((combo) =>
      [1n, 2n, 4n, 6n, 8n, 10n, 12n, 14n, 16n].map((part) => ({
        ...combo,
        repay: (caps.get(combo.debt)! * part) / grid,
      })),
    )
    let top = best(await score(update, taken, coarse))
    for (let step = caps.get(top?.trial.debt ?? '0x') ?? 0n, round = 0; top && round < 3; round++) {
      step /= round === 0 ? grid : 4n
      const { trial } = top
      const around = [-3n, -2n, -1n, 1n, 2n, 3n]
        .map((offset) => trial.repay + (offset * step) / 2n)
        .filter((repay) => repay > 0n && repay <= caps.get(trial.debt)!)
      top = best([
        top,
        ...(await score(
          update,
          taken,
          around.map((repay) => ({ ...trial, repay })),
        )),
      ])
    }
    return top
  }

  /** Returns what brute force closes behind one update, in the order in which it does. */
  const judge = async (update: JudgedUpdate): Promise<readonly JudgedPosition[]> => {
    const underwater = await findUnderwater(
      options,
      update.block,
      update.updates,
      options.borrowers,
    )
    const first = await Promise.all(
      underwater.map(async (account) => {
        const scored = [...(await score(update, [], trialsOf(account, [2n, 8n, 16n])))]
          .filter(({ profitWei }) => profitWei > 0n)
          .sort((a, b) => (a.profitWei < b.profitWei ? 1 : -1))
        const combos = new Map(
          scored.map(({ trial }) => [
            `${trial.collateral}${trial.debt}${trial.buy}${trial.sell}`,
            trial,
          ]),
        )
        return {
          account,
          combos: [...combos.values()].slice(0, 3),
          profitWei: scored[0]?.profitWei ?? 0n,
        }
      }),
    )
    const taken: Trial[] = []
    const closed: JudgedPosition[] = []
    for (const { account, combos } of first.toSorted((a, b) =>
      a.profitWei < b.profitWei ? 1 : -1,
    )) {
      const found = await refine(update, taken, account, combos)
      if (!found) continue
      const netWei = found.profitWei - options.gasPerLiquidation * update.block.baseFeeWei
      if (netWei < options.minNetWei) continue
      taken.push(found.trial)
      closed.push({
        account: account.account,
        block: update.block.number,
        collateral: found.trial.collateral,
        debt: found.trial.debt,
        repayRaw: found.trial.repay,
        profitWei: found.profitWei,
        netWei,
      })
    }
    return closed
  }

  return { judge }
}
