import { AbiCoder, Interface } from 'ethers'
import { createPublicClient, http, parseAbi, parseEventLogs, type RpcLog } from 'viem'
import type { Address, Hex } from '../core/types/chain.ts'
import { sec } from '../core/units.ts'
import { createBulkBalances } from '../monitors/sources/bulk-balances.ts'
import { createRpc } from '../monitors/sources/rpc.ts'
import { eventAbi } from '../protocols/aave-v3/abi.ts'
import { createAaveDecoder } from '../protocols/aave-v3/decode.ts'
import { accountAt } from '../sandbox/chain/accounts.ts'
import { aScenario } from '../test/support/a-scenario.ts'
import { aWorld } from '../test/support/a-world.ts'
import { addressOf, aMarket, aReserve } from '../test/support/an-aave-book.ts'
import type { BenchResult } from './result.ts'

const rounds = 7
const accountCount = 5_000
const logCount = 20_000
const abi = parseAbi(['function scaledBalanceOf(address user) view returns (uint256)'])

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

const perSec = async (count: number, work: () => unknown): Promise<number> => {
  const startMs = performance.now()
  await work()
  return (count * 1_000) / (performance.now() - startMs)
}

/** Compares two ways in turns; both are warmed up first. */
const compare = async (
  n: number,
  ours: () => unknown,
  peer: () => unknown,
): Promise<Pick<BenchResult, 'n' | 'rounds' | 'ours' | 'peer' | 'ratio'>> => {
  await ours()
  await peer()
  const own: number[] = []
  const others: number[] = []
  for (let round = 0; round < rounds; round++) {
    own.push(await perSec(n, ours))
    others.push(await perSec(n, peer))
  }
  const ratio = medianOf(own.map((value, round) => value / others[round]!))
  return { n, rounds, ours: medianOf(own), peer: medianOf(others), ratio }
}

const balances = async (): Promise<BenchResult> => {
  const { positions } = aScenario()
  const world = await aWorld(aScenario({ positions: { ...positions, count: 200 } }))
  try {
    const { hash, number } = await world.client.getBlock()
    const token = world.deployed.assets.WETH!.aToken
    const borrowers = world.deployed.borrowers.map(({ address }) => address)
    const strangers = Array.from(
      { length: accountCount - borrowers.length },
      (_, n): Address => addressOf(0x57a, n),
    )
    const accounts = [...borrowers, ...strangers]
    const bulk = createBulkBalances(createRpc({ urls: [world.anvil.httpUrl], chainId: 1 }))
    const client = createPublicClient({
      transport: http(world.anvil.httpUrl, { timeout: 60_000 }),
    })
    let ours: readonly bigint[] = []
    let theirs: readonly bigint[] = []
    const figures = await compare(
      accounts.length,
      async () => {
        ours = await bulk.read(hash, token, accounts)
      },
      async () => {
        theirs = (await client.multicall({
          allowFailure: false,
          blockNumber: number,
          multicallAddress: world.deployed.addresses.multicall3,
          contracts: accounts.map((account) => ({
            ...{ address: token, abi, functionName: 'scaledBalanceOf', args: [account] as const },
          })),
        } as never)) as unknown as readonly bigint[]
      },
    )
    return {
      bench: 'scaled balances from a local node',
      ...figures,
      peerName: 'viem 2.57.20 multicall on the same node',
      unit: 'accounts/s',
      correct:
        ours.length === theirs.length &&
        ours.every((balance, i) => balance === theirs[i]) &&
        ours.filter((balance) => balance > 0n).length > 50,
    }
  } finally {
    await world.anvil.stop()
  }
}

type TokenLog = Pick<RpcLog, 'address' | 'topics' | 'data' | 'transactionHash'>

/** Mints and burns of one market's tokens, as a busy market has them. */
const someLogs = (tokens: readonly Address[]): readonly TokenLog[] => {
  const face = new Interface(eventAbi as never)
  const coder = AbiCoder.defaultAbiCoder()
  const people = Array.from({ length: 50 }, (_, n) => accountAt(3_000 + n).address)
  return Array.from({ length: logCount }, (_, n) => {
    const name = n % 3 === 0 ? 'Burn' : 'Mint'
    const topics = [
      face.getEvent(name)!.topicHash,
      coder.encode(['address'], [people[n % 50]]),
      coder.encode(['address'], [people[(n * 7) % 50]]),
    ]
    const amounts = [BigInt(n + 10) * 10n ** 15n, BigInt(n + 1), 10n ** 27n + BigInt(n)]
    return {
      address: tokens[n % tokens.length]!,
      topics: topics as [Hex, ...Hex[]],
      data: coder.encode(['uint256', 'uint256', 'uint256'], amounts) as Hex,
      transactionHash: `0x${n.toString(16).padStart(64, '0')}`,
    }
  })
}

const logs = async (): Promise<readonly BenchResult[]> => {
  const market = aMarket([aReserve(0), aReserve(1), aReserve(2)])
  const all = someLogs(
    market.reserves.flatMap(({ aToken, variableDebtToken }) => [aToken, variableDebtToken]),
  )
  const decoder = createAaveDecoder(market)
  const face = new Interface(eventAbi as never)
  const blockSec = sec(1_700_000_000)
  const found = { ours: 0n, viem: 0n, ethers: 0n }
  const ours = (): void => {
    found.ours = 0n
    for (const log of all)
      for (const change of decoder.decode(log as never, blockSec))
        if (change.type === 'aave/scaled') found.ours += change.deltaRaw
  }
  /** What the events say, so that all three are held to the same sum. */
  const deltaOf = (name: string, value: bigint, increase: bigint, index: bigint): bigint => {
    const scaled = (amount: bigint): bigint => (amount * 10n ** 27n + index / 2n) / index
    return name === 'Mint' ? scaled(value - increase) : -scaled(value + increase)
  }
  const viem = (): void => {
    found.viem = 0n
    for (const { eventName, args } of parseEventLogs({ abi: eventAbi, logs: all as never }))
      if (eventName === 'Mint' || eventName === 'Burn')
        found.viem += deltaOf(eventName, args.value, args.balanceIncrease, args.index)
  }
  const ethers = (): void => {
    found.ethers = 0n
    for (const { topics, data } of all) {
      const { name, args } = face.parseLog({ topics: [...topics], data })!
      found.ethers += deltaOf(name, args[2], args[3], args[4])
    }
  }
  const common = { bench: 'logs decoded to changes', unit: 'logs/s' }
  const byViem = await compare(all.length, ours, viem)
  const byEthers = await compare(all.length, ours, ethers)
  const correct = found.ours !== 0n && found.ours === found.viem && found.ours === found.ethers
  return [
    { ...common, ...byViem, peerName: 'viem 2.57.20 parseEventLogs', correct },
    { ...common, ...byEthers, peerName: 'ethers 6.17.0 Interface.parseLog', correct },
  ]
}

/** Measures what a first reading is made of: balances from a node, and logs decoded. */
export const benchSync = async (): Promise<readonly BenchResult[]> => [
  await balances(),
  ...(await logs()),
]
