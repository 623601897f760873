import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from '../chain/accounts.ts'
import type { Deployed } from '../chain/deployed.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { ChainRecord } from '../chain-record.ts'
import { createJudge, type JudgedPosition } from './judge.ts'

/** What brute force makes of the blocks with oracle updates, against what landed in them. */
export interface Score {
  readonly positions: readonly JudgedPosition[]
  readonly taken: readonly JudgedPosition[]
  readonly missed: readonly JudgedPosition[]
  readonly bruteForceWei: bigint
  /** Landed in the same blocks, before bids. */
  readonly capturedWei: bigint
  /** What of it is left after bids and after the gas of all transactions to the executor in these blocks. */
  readonly keptWei: bigint
  readonly byBlock: readonly {
    readonly block: number
    readonly profitWei: bigint
    readonly capturedWei: bigint
    readonly keptWei: bigint
  }[]
}

/** What one more liquidation in a transaction costs on the executor (contracts/gas.json: of ten accounts, less one). */
const gasPerLiquidation = 190_000n
const dollar = 10n ** 18n

/** Holds what brute force made of these blocks against what the chain says of them. */
export const scoreOf = (
  numbers: readonly number[],
  positions: readonly JudgedPosition[],
  { liquidations, gasCostsWei }: Pick<ChainRecord, 'liquidations' | 'gasCostsWei'>,
): Score => {
  const landed = new Set(
    liquidations.map(({ account, block }) => `${account.toLowerCase()}@${block}`),
  )
  const isTaken = ({ account, block }: JudgedPosition) =>
    landed.has(`${account.toLowerCase()}@${block}`)
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
  const byBlock = numbers.map((number) => {
    const here = liquidations.filter(({ block }) => block === number)
    const capturedWei = sum(here.map(({ profitWei }) => profitWei))
    const bidsWei = sum(here.map(({ bidWei }) => bidWei))
    return {
      block: number,
      profitWei: sum(
        positions.filter(({ block }) => block === number).map(({ profitWei }) => profitWei),
      ),
      capturedWei,
      keptWei: capturedWei - bidsWei - (gasCostsWei.get(number) ?? 0n),
    }
  })
  return {
    positions,
    taken: positions.filter(isTaken),
    missed: positions.filter((position) => !isTaken(position)),
    bruteForceWei: sum(positions.map(({ profitWei }) => profitWei)),
    capturedWei: sum(byBlock.map(({ capturedWei }) => capturedWei)),
    keptWei: sum(byBlock.map(({ keptWei }) => keptWei)),
    byBlock,
  }
}

/** Judges every block with an oracle update; `etherUsd` is ether's price at the block, to say what a dollar is. */
export const scoreRun = async ({
  rpc,
  deployed,
  bruteForce,
  record,
  etherUsd,
  progress,
}: {
  readonly rpc: Rpc
  readonly deployed: Deployed
  readonly bruteForce: Address
  readonly record: ChainRecord
  readonly etherUsd: (timestampSec: number) => number
  readonly progress: (done: number, of: number) => void
}): Promise<Score> => {
  const numbers = [...new Set(record.updates.map(({ block }) => block))].sort((a, b) => a - b)
  const positions: JudgedPosition[] = []
  for (const [index, number] of numbers.entries()) {
    const block = record.blocks.get(number)!
    const txs = await rpc.batch<{ from: Address; to: Address; input: Hex }>(
      record.updates
        .filter((update) => update.block === number)
        .map(({ txHash }) => ({ method: 'eth_getTransactionByHash', params: [txHash] })),
    )
    const { judge } = createJudge({
      rpc,
      pool: deployed.addresses.pool,
      weth: deployed.assets.WETH!.token,
      multicall3: deployed.addresses.multicall3,
      bruteForce,
      judge: accounts.judge.address,
      reserves: Object.values(deployed.assets),
      pools: deployed.pools.map(({ token0, token1, feePips }) => ({
        token0: token0.token,
        token1: token1.token,
        feePips,
      })),
      borrowers: deployed.borrowers.map(({ address }) => address),
      gasPerLiquidation,
      minNetWei: BigInt(Math.ceil(Number(dollar) / etherUsd(block.timestampSec))),
    })
    positions.push(
      ...(await judge({
        block,
        updates: txs.map(({ from, to, input }) => ({ from, to, data: input })),
      })),
    )
    progress(index + 1, numbers.length)
  }
  return scoreOf(numbers, positions, record)
}
