import { artifact } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { BorrowerPlan } from './borrowers.ts'
import { mainnet } from './mainnet.ts'
import type { Rpc } from './rpc.ts'
import { queueApproval, queueFunding } from './tokens.ts'

const variableRate = 2n
const gasMoneyWei = 10n ** 18n
/** Returns how many borrowers open their positions in one block: few as a rule, more where blocks would be too many. */
const perBlock = (count: number): number => (count <= 500 ? 10 : 40)

/** Returns the number of blocks that opening this many positions takes: groups, each funded in the block before. */
export const openingBlocks = (count: number): number => 1 + Math.ceil(count / perBlock(count))

/** Opens the positions, a group of borrowers per block, each by calls of the borrower's own account. */
export const openPositions = async (
  rpc: Rpc,
  writer: BlockWriter,
  plans: readonly BorrowerPlan[],
): Promise<void> => {
  const { abi } = artifact('@aave/core-v3', 'protocol/pool/Pool')

  const fund = async (group: readonly BorrowerPlan[]): Promise<void> => {
    await rpc.batch(
      group.map(({ address, collateral, suppliedRaw }) => {
        const wrapped = collateral.findIndex(({ asset }) => asset.symbol === 'WETH')
        const wei = gasMoneyWei + (suppliedRaw[wrapped] ?? 0n)
        return { method: 'anvil_setBalance', params: [address, `0x${wei.toString(16)}`] }
      }),
    )
    for (const { address, collateral, suppliedRaw } of group) {
      for (const [i, { asset }] of collateral.entries()) {
        queueFunding(writer, asset, address, suppliedRaw[i]!)
      }
    }
  }

  const open = (group: readonly BorrowerPlan[]): void => {
    for (const { address, collateral, suppliedRaw, debt } of group) {
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
  }

  const size = perBlock(plans.length)
  for (let first = 0; first < plans.length + size; first += size) {
    open(plans.slice(Math.max(0, first - size), first))
    await fund(plans.slice(first, first + size))
    await writer.mine()
  }
}
