import { artifact } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { BorrowerPlan } from './borrowers.ts'
import { mainnet } from './mainnet.ts'
import type { Rpc } from './rpc.ts'
import { queueApproval, queueFunding } from './tokens.ts'

const variableRate = 2n
const gasMoneyWei = 10n ** 18n
const fewestPerBlock = 10
const mostBlocks = 40

/** Returns how many borrowers open their positions in one block. */
const perBlock = (count: number): number => Math.max(fewestPerBlock, Math.ceil(count / mostBlocks))

/** Returns the number of blocks that opening takes: one for funding, the rest in groups. */
export const openingBlocks = (count: number): number => 1 + Math.ceil(count / perBlock(count))

/** Opens the positions, a group of borrowers per block, each by calls of the borrower's own account. */
export const openPositions = async (
  rpc: Rpc,
  writer: BlockWriter,
  plans: readonly BorrowerPlan[],
): Promise<void> => {
  const { abi } = artifact('@aave/core-v3', 'protocol/pool/Pool')
  await rpc.batch(
    plans.map(({ address, collateral, suppliedRaw }) => {
      const wrapped = collateral.findIndex(({ asset }) => asset.symbol === 'WETH')
      const wei = gasMoneyWei + (suppliedRaw[wrapped] ?? 0n)
      return { method: 'anvil_setBalance', params: [address, `0x${wei.toString(16)}`] }
    }),
  )
  for (const { address, collateral, suppliedRaw } of plans) {
    for (const [i, { asset }] of collateral.entries()) {
      queueFunding(writer, asset, address, suppliedRaw[i]!)
    }
  }
  await writer.mine()

  const size = perBlock(plans.length)
  for (let first = 0; first < plans.length; first += size) {
    for (const { address, collateral, suppliedRaw, debt } of plans.slice(first, first + size)) {
      const pool = { from: address, to: mainnet.pool, abi }
      for (const [i, { asset }] of collateral.entries()) {
        queueApproval(writer, asset, address, mainnet.pool, suppliedRaw[i]!)
        writer.invoke(pool, 'supply', [asset.token, suppliedRaw[i], address, 0])
      }
      for (const { asset, amountRaw } of debt) {
        writer.invoke(pool, 'borrow', [asset.token, amountRaw, variableRate, 0, address])
      }
      for (const [i, { asset, amountRaw }] of collateral.entries()) {
        const excessRaw = suppliedRaw[i]! - amountRaw
        if (excessRaw > 0n) writer.invoke(pool, 'withdraw', [asset.token, excessRaw, address])
      }
    }
    await writer.mine()
  }
}
