import {
  type Abi,
  createPublicClient,
  decodeErrorResult,
  type EncodeDeployDataParameters,
  encodeDeployData,
  encodeFunctionData,
  erc20Abi,
  getAddress,
  type Hex,
  http,
  numberToHex,
  type TransactionReceipt,
} from 'viem'
import { afterAll, beforeEach } from 'vitest'
import { executorAbi } from '../../contracts/generated/executor.ts'
import { tokenAbi } from '../../contracts/generated/token.ts'
import { ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import { decodeOutcome } from '../../execution/decode.ts'
import { accountAt, accounts, coinbases } from '../../sandbox/chain/accounts.ts'
import { startAnvil } from '../../sandbox/chain/anvil.ts'
import { artifact } from '../../sandbox/chain/artifacts.ts'
import { deployChain } from '../../sandbox/chain/deploy.ts'
import { transmitCalldata } from '../../sandbox/chain/feeds.ts'
import { genesisOf } from '../../sandbox/chain/genesis.ts'
import { aScenario } from './a-scenario.ts'

export const alice = accountAt(2_000).address
export const bob = accounts.operators[0]!.address
export const mallory = accountAt(2_001).address
export const coinbase: Address = coinbases.titan

/** One item as the contract takes it. */
export interface ExecutorItem {
  readonly account: Address
  readonly collateral: Address
  readonly debt: Address
  readonly repay: bigint
  readonly route: readonly bigint[]
  readonly settle: readonly bigint[]
}

export interface Terms {
  readonly from?: Address
  readonly bidBps?: bigint
  readonly minProfit?: bigint
  readonly deadlineBlock?: bigint
}

/** Returns the name and the arguments of an error as the executor, our tokens and Solidity know them; empty without data. */
export const errorOf = (data: Hex): readonly unknown[] => {
  if (data === '0x') return []
  const { errorName, args = [] } = decodeErrorResult({ abi: [...executorAbi, ...tokenAbi], data })
  return [errorName, ...args]
}

const poolAbi = artifact('@aave/core-v3', 'protocol/pool/Pool').abi
const wethAbi = artifact('@aave/core-v3', 'dependencies/weth/WETH9').abi
const zeroForOne = 1n << 255n
const richWei = numberToHex(10n ** 24n)

const buildWorld = async () => {
  const crash = aScenario()
  const scenario = aScenario({ positions: { ...crash.positions, count: 0 } })
  const { chain } = scenario
  const anvil = await startAnvil({
    ...genesisOf(scenario),
    chainId: 1,
    gasLimit: chain.gasLimit,
    log: () => {},
  })
  afterAll(anvil.stop)
  const { rpc } = anvil
  const deployed = await deployChain({ anvil, scenario, log: () => {} })
  const client = createPublicClient({ transport: http(anvil.httpUrl) })
  const { executor, pool } = deployed.addresses
  const tokenOf = (symbol: string): Address => deployed.assets[symbol]!.token
  const epochs = new Map<string, number>()

  await rpc.batch([
    { method: 'anvil_autoImpersonateAccount', params: [true] },
    { method: 'anvil_setCoinbase', params: [coinbase] },
    ...[alice, mallory].map((who) => ({ method: 'anvil_setBalance', params: [who, richWei] })),
  ])

  const mine = async (): Promise<void> => {
    const { timestamp } = await client.getBlock()
    await rpc.call('evm_mine', [Number(timestamp) + chain.blockTimeSec])
  }

  const fieldsOf = (from: Address, to: Address | undefined, data: Hex, valueWei: bigint) => ({
    from,
    to,
    data,
    value: numberToHex(valueWei),
    gas: numberToHex(8_000_000n),
    maxFeePerGas: numberToHex(50n * 10n ** 9n),
    maxPriorityFeePerGas: '0x1',
  })

  /** Sends a transaction, mines a block with it and returns its receipt, reverted or not. */
  const send = async (
    from: Address,
    to: Address | undefined,
    data: Hex,
    valueWei = 0n,
  ): Promise<TransactionReceipt> => {
    const hash = await rpc.call<Hex>('eth_sendTransaction', [fieldsOf(from, to, data, valueWei)])
    await mine()
    return client.getTransactionReceipt({ hash })
  }

  const call = (
    from: Address,
    to: Address,
    abi: Abi | readonly unknown[],
    functionName: string,
    args: readonly unknown[] = [],
    valueWei = 0n,
  ): Promise<TransactionReceipt> =>
    send(from, to, encodeFunctionData({ abi: abi as Abi, functionName, args: [...args] }), valueWei)

  /** Returns the error that a call would end in, or undefined when it would succeed. */
  const refusalOf = async (
    from: Address,
    data: Hex,
    to: Address = executor,
  ): Promise<readonly unknown[] | undefined> => {
    try {
      await rpc.call('eth_call', [{ from, to, data }, 'latest'])
      return undefined
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      return errorOf((thrown.data.error as { readonly data: Hex }).data)
    }
  }

  const executeData = (items: readonly ExecutorItem[], terms: Terms = {}): Hex =>
    encodeFunctionData({
      abi: executorAbi,
      functionName: 'execute',
      args: [
        items,
        terms.bidBps ?? 7_300n,
        terms.minProfit ?? 1n,
        terms.deadlineBlock ?? 2n ** 64n,
      ],
    })

  const execute = async (items: readonly ExecutorItem[], terms: Terms = {}) => {
    const receipt = await send(terms.from ?? bob, executor, executeData(items, terms))
    return { ...receipt, ...decodeOutcome(executor, 'aave-v3', receipt.logs) }
  }

  const balanceOf = (token: Address, account: Address): Promise<bigint> =>
    client.readContract({
      address: token,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [account],
    })

  const debtOf = (symbol: string, account: Address = alice): Promise<bigint> =>
    balanceOf(deployed.assets[symbol]!.variableDebtToken, account)

  /** Gives an account tokens: ether wrapped, all else minted. */
  const fund = async (account: Address, symbol: string, amount: bigint): Promise<void> => {
    const token = tokenOf(symbol)
    if (symbol === 'WETH') await call(account, token, wethAbi, 'deposit', [], amount)
    else {
      const mint = {
        name: 'mint',
        type: 'function',
        inputs: [{ type: 'address' }, { type: 'uint256' }],
      }
      await call(accounts.deployer.address, token, [mint], 'mint', [account, amount])
    }
  }

  const open = async (
    account: Address,
    [collateral, supplied]: readonly [string, bigint],
    [debt, borrowed]: readonly [string, bigint],
  ): Promise<void> => {
    await rpc.call('anvil_setBalance', [account, richWei])
    await fund(account, collateral, supplied)
    await call(account, tokenOf(collateral), erc20Abi, 'approve', [pool, supplied])
    await call(account, pool, poolAbi, 'supply', [tokenOf(collateral), supplied, account, 0])
    const { status } = await call(account, pool, poolAbi, 'borrow', [
      tokenOf(debt),
      borrowed,
      2n,
      0,
      account,
    ])
    if (status !== 'success') throw new ProtocolError('TEST_SETUP', `Lower the debt of ${account}.`)
  }

  /** Transmits a signed report, which the oracle then answers. */
  const answer = async (symbol: string, usd: number): Promise<void> => {
    const feed = deployed.assets[symbol]!
    const epochAndRound = (epochs.get(symbol) ?? feed.epochAndRound) + 1
    epochs.set(symbol, epochAndRound)
    const { timestamp } = await client.getBlock()
    const data = await transmitCalldata({
      configDigest: feed.configDigest,
      epochAndRound,
      observationsTimestampSec: Number(timestamp),
      answerUsd: usd,
      signers: accounts.oracleSigners,
    })
    await send(accounts.transmitter.address, feed.aggregator, data)
  }

  /** Returns the word of the pool in which `sold` is paid for `bought`. */
  const hop = (sold: string, bought: string): bigint => {
    const found = deployed.pools.find(({ token0, token1 }) =>
      [token0.symbol, token1.symbol].every((symbol) => symbol === sold || symbol === bought),
    )!
    return BigInt(found.address) | (found.token0.symbol === sold ? zeroForOne : 0n)
  }

  /** Returns an item that goes from the debt back to the collateral and on to WETH through these symbols. */
  const item = (
    [collateral, debt]: readonly [string, string],
    repay: bigint,
    fields: Partial<ExecutorItem> = {},
  ): ExecutorItem => {
    const through = [debt, collateral].includes('WETH') ? [] : ['WETH']
    const path = [debt, ...through, collateral]
    return {
      account: alice,
      collateral: tokenOf(collateral),
      debt: tokenOf(debt),
      repay,
      route: path.slice(1).map((symbol, i) => hop(symbol, path[i]!)),
      settle: collateral === 'WETH' ? [] : [hop(collateral, 'WETH')],
      ...fields,
    }
  }

  const create = async (from: Address, parameters: EncodeDeployDataParameters): Promise<Address> =>
    getAddress((await send(from, undefined, encodeDeployData(parameters))).contractAddress!)

  /** Returns all that the executor holds or has approved, by name; empty when it is as it should be. */
  const strandedOf = async (): Promise<Readonly<Record<string, bigint>>> => {
    const found: Record<string, bigint> = { ETH: await client.getBalance({ address: executor }) }
    for (const [symbol, { token }] of Object.entries(deployed.assets)) {
      found[symbol] = await balanceOf(token, executor)
      found[`${symbol} approved`] = await client.readContract({
        address: token,
        abi: erc20Abi,
        functionName: 'allowance',
        args: [executor, pool],
      })
    }
    return Object.fromEntries(Object.entries(found).filter(([, amount]) => amount !== 0n))
  }

  return {
    ...{ anvil, rpc, client, deployed, executor, pool, scenario },
    ...{ tokenOf, mine, send, call, create, refusalOf, executeData, execute, balanceOf, debtOf },
    ...{ fund, open, answer, hop, item, strandedOf },
  }
}

export type ExecutorWorld = Awaited<ReturnType<typeof buildWorld>>

/**
 * The genuine Aave V3 and Uniswap V3 at mainnet's addresses, without borrowers but those that a test makes; each test
 * begins in the state after `prepare`. Everyone may send without signing.
 */
export const anExecutorWorld = async (
  prepare?: (world: ExecutorWorld) => Promise<void>,
): Promise<ExecutorWorld> => {
  const world = await buildWorld()
  await prepare?.(world)
  let snapshot = await world.rpc.call<Hex>('evm_snapshot')
  beforeEach(async () => {
    await world.rpc.call('evm_revert', [snapshot])
    snapshot = await world.rpc.call<Hex>('evm_snapshot')
  })
  return world
}
