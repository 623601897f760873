import {
  encodeFunctionData,
  erc20Abi,
  type Hex,
  maxUint256,
  parseAbi,
  parseEther,
  parseGwei,
} from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { transmitCalldata } from '../../sandbox/chain/feeds.ts'
import { routerAbi, type World } from './a-world.ts'

const wethAbi = parseAbi(['function deposit() payable'])
const poolAbi = parseAbi([
  'function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)',
  'function borrow(address asset, uint256 amount, uint256 rateMode, uint16 referralCode, address onBehalfOf)',
])

const feeFields = {
  eip1559: { maxFeePerGas: parseGwei('500'), maxPriorityFeePerGas: parseGwei('1') },
  eip2930: { gasPrice: parseGwei('500') },
  legacy: { gasPrice: parseGwei('500') },
} as const

/** Who makes things happen on a deployed world: blocks, answers, and what people do. */
export interface ChainHand {
  /** Sends without mining; returns the raw transaction. */
  readonly send: (
    account: PrivateKeyAccount,
    to: Address,
    data: Hex,
    over?: { readonly valueWei?: bigint; readonly type?: keyof typeof feeFields },
  ) => Promise<Hex>
  /** Mines so many blocks of 12 s each, the first with all that was sent; returns the number of the last. */
  readonly mine: (blocks?: number) => Promise<number>
  readonly headNumber: () => Promise<number>
  readonly headHash: () => Promise<Hex>
  /** Calldata of a feed's next report. */
  readonly report: (asset: string, usd: number) => Promise<Hex>
  readonly answer: (asset: string, usd: number, type?: keyof typeof feeFields) => Promise<Hex>
  /** Supplies ether, borrows against it and swaps, all of it in the next block. */
  readonly trade: () => Promise<void>
}

/** Creates the hand of a world, from where the world stands. */
export const aChainHand = (world: World): ChainHand => {
  const { anvil, deployed } = world
  const { rpc } = anvil
  let headSec = deployed.head.timestampSec
  let epochAndRound = 0x1000
  /** Next nonces of who has sent something since the last block; a reorg sets the mined ones back. */
  const nonces = new Map<string, number>()
  const { deployer } = accounts
  const [weth, usdc] = [deployed.assets.WETH!.token, deployed.assets.USDC!.token]

  const send: ChainHand['send'] = async (account, to, data, { valueWei = 0n, type } = {}) => {
    const known = nonces.get(account.address)
    const mined = Number(await rpc.call('eth_getTransactionCount', [account.address, 'latest']))
    const nonce = Math.max(known ?? 0, mined)
    nonces.set(account.address, nonce + 1)
    const kind = type ?? 'eip1559'
    const rawTx = await account.signTransaction({
      type: kind,
      ...feeFields[kind],
      ...{ chainId: 1, nonce, to, data, value: valueWei, gas: 2_000_000n },
    } as Parameters<PrivateKeyAccount['signTransaction']>[0])
    await rpc.call('eth_sendRawTransaction', [rawTx])
    return rawTx
  }
  const block = (): Promise<{ readonly number: Hex; readonly hash: Hex }> =>
    rpc.call('eth_getBlockByNumber', ['latest', false])
  const report: ChainHand['report'] = (asset, usd) => {
    const feed = Object.values(deployed.assets).find((one) => one.asset === asset)!
    epochAndRound += 1
    return transmitCalldata({
      configDigest: feed.configDigest,
      epochAndRound,
      observationsTimestampSec: headSec,
      answerUsd: usd,
      signers: accounts.oracleSigners,
    })
  }

  return {
    send,
    report,
    mine: async (blocks = 1) => {
      nonces.clear()
      for (let i = 0; i < blocks; i += 1) {
        headSec += 12
        await rpc.call('evm_mine', [headSec])
      }
      return Number((await block()).number)
    },
    headNumber: async () => Number((await block()).number),
    headHash: async () => (await block()).hash,
    answer: async (asset, usd, type) => {
      const { aggregator } = Object.values(deployed.assets).find((one) => one.asset === asset)!
      const data = await report(asset, usd)
      return send(accounts.transmitter, aggregator, data, type ? { type } : {})
    },
    trade: async () => {
      const { pool, swapRouter } = deployed.addresses
      const valueWei = parseEther('3')
      await send(deployer, weth, encodeFunctionData({ abi: wethAbi, functionName: 'deposit' }), {
        valueWei,
      })
      for (const spender of [pool, swapRouter]) {
        const args = [spender, maxUint256] as const
        await send(
          deployer,
          weth,
          encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args }),
        )
      }
      const supply = [weth, parseEther('2'), deployer.address, 0] as const
      await send(
        deployer,
        pool,
        encodeFunctionData({ abi: poolAbi, functionName: 'supply', args: supply }),
      )
      const borrow = [usdc, 500_000_000n, 2n, 0, deployer.address] as const
      await send(
        deployer,
        pool,
        encodeFunctionData({ abi: poolAbi, functionName: 'borrow', args: borrow }),
      )
      const swap = {
        ...{ tokenIn: weth, tokenOut: usdc, fee: 500, recipient: deployer.address },
        deadline: BigInt(headSec + 1_000),
        ...{ amountIn: parseEther('1'), amountOutMinimum: 0n, sqrtPriceLimitX96: 0n },
      }
      await send(
        deployer,
        swapRouter,
        encodeFunctionData({ abi: routerAbi, functionName: 'exactInputSingle', args: [swap] }),
      )
    },
  }
}
