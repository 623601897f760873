/**
 * The arbitrageur: owns its swaps in flight; keeps every pool that follows at the path's price.
 *
 * 1. After each new block it sends, through the public mempool, at most one swap for each pool that stands off the path
 *    by more than the pool's fee, and none for a pool whose last swap is not mined.
 * 2. A swap ends at the path's price (sqrtPriceLimitX96), takes no more than what that needs, and is void three blocks
 *    later. Its tip is the lowest of all, so that it stands behind bundles and reports.
 * 3. Whatever goes wrong in one block is told and tried again in the next; it never ends the arbitrageur.
 */
import { encodeFunctionData, parseAbi } from 'viem'
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from '../chain/accounts.ts'
import type { Deployed, DeployedPool } from '../chain/deployed.ts'
import { createRpc } from '../chain/rpc.ts'
import { sqrtPriceX96Of } from '../chain/uniswap.ts'
import type { ScenarioClock } from '../clock.ts'
import { usdAt } from '../price-path.ts'
import type { Scenario } from '../scenario.ts'
import { type Actor, createActor } from './actor.ts'
import { createSender, feeCapWei } from './sender.ts'

/** A swap that was sent. */
export interface SentSwap {
  readonly pool: Address
  readonly zeroForOne: boolean
  /** How far the pool stood off the path: positive when its token0 was too dear. */
  readonly gapBps: number
  readonly txHash: Hex
  /** The block after which it was sent. */
  readonly afterBlock: number
}

export interface Arbitrageur extends Actor {
  readonly sent: readonly SentSwap[]
}

const poolAbi = parseAbi([
  'function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16, uint16, uint16, uint8, bool)',
])
const tokenAbi = parseAbi(['function balanceOf(address) view returns (uint256)'])
const routerAbi = parseAbi([
  'struct Swap { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 deadline; uint256 amountIn; uint256 amountOutMinimum; uint160 sqrtPriceLimitX96; }',
  'function exactInputSingle(Swap params) payable returns (uint256 amountOut)',
])

const swapGas = 600_000n
const tipWei = 100_000_000n
/** Heads are looked for this often within a block time. */
const looksPerBlock = 20
/** A swap is good for this many blocks. */
const validBlocks = 3

interface Block {
  readonly number: number
  readonly timestampSec: number
}

/** Creates the arbitrageur of a deployed scenario, funded and approved by the deployment. */
export const createArbitrageur = ({
  deployed,
  scenario,
  clock,
  rpcUrl,
  chainId = 1,
  log,
}: {
  readonly deployed: Pick<Deployed, 'addresses' | 'pools'>
  readonly scenario: Scenario
  readonly clock: Pick<ScenarioClock, 'now' | 'sleepUntil'>
  readonly rpcUrl: string
  readonly chainId?: number
  readonly log: (text: string) => void
}): Arbitrageur => {
  const { startSec, blockTimeSec } = scenario.chain
  const rpc = createRpc(rpcUrl)
  const self = accounts.arbitrageur
  const account = createSender({
    account: self,
    rpc,
    chainId,
    tipWei,
    maxFeeWei: feeCapWei(scenario, tipWei),
    log,
  })
  const pools = deployed.pools.filter(({ follows }) => follows)
  const inFlight = new Map<Address, Hex>()
  const sent: SentSwap[] = []

  const headNow = async (): Promise<Block> => {
    const block = await rpc.call<{ readonly number: Hex; readonly timestamp: Hex }>(
      'eth_getBlockByNumber',
      ['latest', false],
    )
    return { number: Number(block.number), timestampSec: Number(block.timestamp) }
  }

  const words = async (calls: readonly { readonly to: Address; readonly data: Hex }[]) => {
    const results = await rpc.batch<Hex>(
      calls.map((call) => ({ method: 'eth_call', params: [call, 'latest'] })),
    )
    return results.map((result) => BigInt(result.slice(0, 66)))
  }

  const fairOf = ({ token0, token1 }: DeployedPool): bigint => {
    const sec = clock.now() / 1000 - startSec
    const [usd0, usd1] = [usdAt(scenario, token0.asset, sec), usdAt(scenario, token1.asset, sec)]
    return sqrtPriceX96Of({ token0, token1, usd0, usd1 })
  }

  const trade = async (pool: DeployedPool, sqrtPriceX96: bigint, head: Block): Promise<void> => {
    const fairX96 = fairOf(pool)
    const gap = (Number(sqrtPriceX96) / Number(fairX96)) ** 2 - 1
    if (Math.abs(gap) <= pool.feePips / 1e6) return
    const zeroForOne = gap > 0
    const [tokenIn, tokenOut] = zeroForOne ? [pool.token0, pool.token1] : [pool.token1, pool.token0]
    const balance = { abi: tokenAbi, functionName: 'balanceOf', args: [self.address] } as const
    const [amountIn] = await words([{ to: tokenIn.token, data: encodeFunctionData(balance) }])
    if (!amountIn) {
      log(`arbitrageur has no ${tokenIn.symbol} left to trade ${pool.address}`)
      return
    }
    const data = encodeFunctionData({
      abi: routerAbi,
      functionName: 'exactInputSingle',
      args: [
        {
          tokenIn: tokenIn.token,
          tokenOut: tokenOut.token,
          fee: pool.feePips,
          recipient: self.address,
          deadline: BigInt(head.timestampSec + validBlocks * blockTimeSec),
          amountIn,
          amountOutMinimum: 0n,
          sqrtPriceLimitX96: fairX96,
        },
      ],
    })
    const to = deployed.addresses.swapRouter
    const txHash = await account.send({ to, data, gas: swapGas })
    inFlight.set(pool.address, txHash)
    const gapBps = gap * 1e4
    sent.push({ pool: pool.address, zeroForOne, gapBps, txHash, afterBlock: head.number })
  }

  const oneBlock = async (head: Block): Promise<void> => {
    const { waiting } = await account.settle()
    const free = pools.filter(({ address }) => !waiting.has(inFlight.get(address) ?? '0x'))
    const data = encodeFunctionData({ abi: poolAbi, functionName: 'slot0' })
    const prices = await words(free.map(({ address }) => ({ to: address, data })))
    for (const [i, pool] of free.entries()) await trade(pool, prices[i]!, head)
  }

  const run = async (signal: AbortSignal): Promise<void> => {
    const lookMs = (blockTimeSec * 1000) / looksPerBlock
    let seen = -1
    while (await clock.sleepUntil(clock.now() + lookMs, signal)) {
      try {
        const head = await headNow()
        if (head.number === seen) continue
        seen = head.number
        await oneBlock(head)
      } catch (thrown) {
        log(`arbitrageur: ${messageOf(thrown)}`)
      }
    }
  }

  return { ...createActor(run), sent }
}
