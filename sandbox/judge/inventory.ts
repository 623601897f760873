import { encodeDeployData } from 'viem'
import { bruteForceAbi, bruteForceBytecode } from '../../contracts/generated/brute-force.ts'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from '../chain/accounts.ts'
import { artifact } from '../chain/artifacts.ts'
import type { BlockWriter } from '../chain/block-writer.ts'
import { type Asset, mainnet } from '../chain/mainnet.ts'
import { queueFunding } from '../chain/tokens.ts'

const weth9 = artifact('@aave/core-v3', 'dependencies/weth/WETH9')

/** In whole tokens: more than any liquidation of a scenario repays or any purchase of debt costs. */
const inventory = 1_000_000_000n
const inventoryWeth = 300_000n

/** Queues the judge's contract with an inventory of every token, and returns its address; takes one block. */
export const queueBruteForce = (
  writer: BlockWriter,
  listed: readonly Asset[],
  weth: Address,
): Address => {
  const args = [mainnet.pool, mainnet.swapRouter, weth, listed.map(({ token }) => token)] as const
  const address = writer.create(
    'BruteForce',
    encodeDeployData({ abi: bruteForceAbi, bytecode: bruteForceBytecode, args: [...args] }),
  )
  const deployer = { from: accounts.deployer.address, to: weth, abi: weth9.abi }
  const wethWei = inventoryWeth * 10n ** 18n
  writer.invoke({ ...deployer, valueWei: wethWei }, 'deposit')
  writer.invoke(deployer, 'transfer', [address, wethWei])
  for (const asset of listed)
    if (asset.token !== weth)
      queueFunding(writer, asset, address, inventory * 10n ** BigInt(asset.decimals))
  return address
}
