import type { Scenario } from '../scenario.ts'
import { accounts } from './accounts.ts'
import { artifact } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import { type Asset, mainnet } from './mainnet.ts'
import type { Rpc } from './rpc.ts'
import { queueApproval, queueFunding } from './tokens.ts'
import { deposits, type PoolPlan, queuePools } from './uniswap.ts'

const gasMoneyWei = 10_000n * 10n ** 18n
/** Beyond what it supplies: whatever else the set-up is to be filled with. */
const spareWei = 1_000_000n * 10n ** 18n
/** Rounding takes a few units more than planned from whoever fills a pool. */
const roundingRaw = 1_000n

const wholeTokens = (amount: number, decimals: number): bigint =>
  (BigInt(Math.round(amount * 1e6)) * 10n ** BigInt(decimals)) / 10n ** 6n

const pooledRaw = (pools: readonly PoolPlan[], asset: Asset): bigint => {
  let total = 0n
  for (const pool of pools) {
    for (const { amount0Raw, amount1Raw } of deposits(pool)) {
      if (pool.token0 === asset) total += amount0Raw + roundingRaw
      if (pool.token1 === asset) total += amount1Raw + roundingRaw
    }
  }
  return total
}

/**
 * Supplies the markets and fills the pools from the deployer's own, and gives the arbitrageur as much of each token as
 * all pools hold, with an approval for the router; takes one block.
 */
export const provideLiquidity = async (
  rpc: Rpc,
  writer: BlockWriter,
  listed: readonly Asset[],
  markets: Scenario['markets'],
  pools: readonly PoolPlan[],
): Promise<void> => {
  const from = accounts.deployer.address
  const arbitrageur = accounts.arbitrageur.address
  const amounts = listed.map((asset) => ({
    asset,
    suppliedRaw: wholeTokens(markets[asset.symbol]!.supplied, asset.decimals),
    pooledRaw: pooledRaw(pools, asset),
  }))
  const ether = amounts.find(({ asset }) => asset.symbol === 'WETH')
  const whaleWei = spareWei + (ether ? ether.suppliedRaw + ether.pooledRaw : 0n)
  const arbitrageurWei = gasMoneyWei + (ether ? ether.pooledRaw : 0n)
  await rpc.batch([
    { method: 'anvil_setBalance', params: [from, `0x${whaleWei.toString(16)}`] },
    { method: 'anvil_setBalance', params: [arbitrageur, `0x${arbitrageurWei.toString(16)}`] },
  ])

  const { abi } = artifact('@aave/core-v3', 'protocol/pool/Pool')
  for (const { asset, suppliedRaw, pooledRaw: pooled } of amounts) {
    queueFunding(writer, asset, from, suppliedRaw + pooled)
    queueApproval(writer, asset, from, mainnet.pool)
    queueApproval(writer, asset, from, mainnet.nonfungiblePositionManager)
    writer.invoke({ from, to: mainnet.pool, abi }, 'supply', [asset.token, suppliedRaw, from, 0])
    queueFunding(writer, asset, arbitrageur, pooled)
    queueApproval(writer, asset, arbitrageur, mainnet.swapRouter)
  }
  queuePools(writer, pools)
  await writer.mine()
}
