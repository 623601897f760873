/** What the chain itself says of a run, read by the harness when it is over. */
import {
  decodeEventLog,
  decodeFunctionResult,
  encodeFunctionData,
  erc20Abi,
  parseAbiItem,
  toEventSelector,
} from 'viem'
import { executorAbi } from '../contracts/generated/executor.ts'
import type { Address, Hex } from '../core/types/chain.ts'
import { accounts, coinbases } from './chain/accounts.ts'
import type { Deployed } from './chain/deployed.ts'
import type { Rpc } from './chain/rpc.ts'

export interface LandedLiquidation {
  readonly account: Address
  readonly collateral: Address
  readonly debt: Address
  readonly repaidRaw: bigint
  readonly seizedRaw: bigint
  readonly profitWei: bigint
  readonly bidWei: bigint
  readonly block: number
  readonly txIndex: number
  readonly txHash: Hex
}

export interface LandedUpdate {
  readonly asset: string
  readonly answerRaw: bigint
  readonly block: number
  readonly txIndex: number
  readonly txHash: Hex
}

export interface MinedBlock {
  readonly number: number
  readonly hash: Hex
  readonly timestampSec: number
  readonly baseFeeWei: bigint
  readonly coinbase: Address
  readonly transactions: readonly Hex[]
}

export interface ChainRecord {
  readonly blocks: ReadonlyMap<number, MinedBlock>
  readonly liquidations: readonly LandedLiquidation[]
  readonly updates: readonly LandedUpdate[]
  /** Transactions to the executor that landed and reverted. */
  readonly reverts: number
  readonly gasUsed: ReadonlyMap<Hex, number>
  /** What transactions to the executor cost their senders in gas, by block; also of those that reverted. */
  readonly gasCostsWei: ReadonlyMap<number, bigint>
  /** Wei and raw amounts by symbol, without the zeros. */
  readonly stranded: Readonly<Record<string, bigint>>
  readonly treasuryDelta: Readonly<Record<string, bigint>>
}

interface RpcLog {
  readonly address: Address
  readonly topics: [Hex, ...Hex[]]
  readonly data: Hex
  readonly blockNumber: Hex
  readonly transactionIndex: Hex
  readonly transactionHash: Hex
}

interface RpcBlock {
  readonly number: Hex
  readonly hash: Hex
  readonly timestamp: Hex
  readonly baseFeePerGas: Hex
  readonly miner: Address
  readonly transactions: readonly Hex[]
}

const answerUpdated = parseAbiItem(
  'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
)
const hex = (n: number): Hex => `0x${n.toString(16)}`

const balancesOf = async (rpc: Rpc, deployed: Deployed, who: Address, block: number) => {
  const tokens = Object.values(deployed.assets)
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [who] })
  const words = await rpc.batch<Hex>([
    ...tokens.map(({ token }) => ({
      method: 'eth_call',
      params: [{ to: token, data }, hex(block)],
    })),
    { method: 'eth_getBalance', params: [who, hex(block)] },
  ])
  return new Map<string, bigint>([
    ...tokens.map(({ symbol }, index): [string, bigint] => [
      symbol,
      decodeFunctionResult({ abi: erc20Abi, functionName: 'balanceOf', data: words[index]! }),
    ]),
    ['ETH', BigInt(words.at(-1)!)],
  ])
}

const nonZero = (amounts: Iterable<readonly [string, bigint]>): Record<string, bigint> =>
  Object.fromEntries([...amounts].filter(([, amount]) => amount !== 0n))

/** Reads blocks, the executor's events, the feeds' answers and balances from the first block of the scenario to the head. */
export const readChainRecord = async (
  rpc: Rpc,
  deployed: Deployed,
  fromBlock: number,
): Promise<ChainRecord> => {
  const toBlock = Number(await rpc.call<Hex>('eth_blockNumber'))
  const { executor } = deployed.addresses
  const numbers = Array.from(
    { length: toBlock - fromBlock + 2 },
    (_, index) => fromBlock - 1 + index,
  )
  const raw = await rpc.batch<RpcBlock>(
    numbers.map((number) => ({ method: 'eth_getBlockByNumber', params: [hex(number), false] })),
  )
  const blocks = new Map(
    raw.map((block): [number, MinedBlock] => [
      Number(block.number),
      {
        number: Number(block.number),
        hash: block.hash,
        timestampSec: Number(block.timestamp),
        baseFeeWei: BigInt(block.baseFeePerGas),
        coinbase: block.miner,
        transactions: block.transactions,
      },
    ]),
  )
  const range = { fromBlock: hex(fromBlock), toBlock: hex(toBlock) }
  const executorLogs = await rpc.call<readonly RpcLog[]>('eth_getLogs', [
    { ...range, address: executor },
  ])
  const liquidations = executorLogs.flatMap((log): readonly LandedLiquidation[] => {
    const event = decodeEventLog({ abi: executorAbi, topics: log.topics, data: log.data })
    if (event.eventName !== 'Liquidated') return []
    const { account, collateral, debt, repaid, seized, profit, bid } = event.args
    return [
      {
        account,
        collateral,
        debt,
        repaidRaw: repaid,
        seizedRaw: seized,
        profitWei: profit,
        bidWei: bid,
        block: Number(log.blockNumber),
        txIndex: Number(log.transactionIndex),
        txHash: log.transactionHash,
      },
    ]
  })

  const aggregators = new Map(
    Object.values(deployed.assets).map(({ aggregator, asset }) => [
      aggregator.toLowerCase(),
      asset,
    ]),
  )
  const answers = await rpc.call<readonly RpcLog[]>('eth_getLogs', [
    { ...range, address: [...aggregators.keys()], topics: [toEventSelector(answerUpdated)] },
  ])
  const updates = answers.map((log) => ({
    asset: aggregators.get(log.address.toLowerCase())!,
    answerRaw: decodeEventLog({ abi: [answerUpdated], topics: log.topics, data: log.data }).args
      .current,
    block: Number(log.blockNumber),
    txIndex: Number(log.transactionIndex),
    txHash: log.transactionHash,
  }))

  const receipts = await rpc.batch<
    readonly {
      to: Address | null
      status: Hex
      gasUsed: Hex
      effectiveGasPrice: Hex
      blockNumber: Hex
      transactionHash: Hex
    }[]
  >(numbers.map((number) => ({ method: 'eth_getBlockReceipts', params: [hex(number)] })))
  const own = receipts.flat().filter(({ to }) => to?.toLowerCase() === executor.toLowerCase())
  const gasCostsWei = new Map<number, bigint>()
  for (const { blockNumber, gasUsed, effectiveGasPrice } of own) {
    const costWei = BigInt(gasUsed) * BigInt(effectiveGasPrice)
    gasCostsWei.set(Number(blockNumber), (gasCostsWei.get(Number(blockNumber)) ?? 0n) + costWei)
  }

  const { treasury } = accounts
  const before = await balancesOf(rpc, deployed, treasury.address, fromBlock - 1)
  const after = await balancesOf(rpc, deployed, treasury.address, toBlock)
  return {
    blocks,
    liquidations,
    updates,
    reverts: own.filter(({ status }) => BigInt(status) === 0n).length,
    gasUsed: new Map(own.map(({ transactionHash, gasUsed }) => [transactionHash, Number(gasUsed)])),
    gasCostsWei,
    stranded: nonZero(await balancesOf(rpc, deployed, executor, toBlock)),
    treasuryDelta: nonZero(
      [...after].map(([symbol, amount]) => [symbol, amount - before.get(symbol)!] as const),
    ),
  }
}

/** Returns the name of the builder that a fee recipient belongs to. */
export const builderOf = (coinbase: Address): string =>
  Object.entries(coinbases).find(
    ([, address]) => address.toLowerCase() === coinbase.toLowerCase(),
  )?.[0] ?? coinbase
