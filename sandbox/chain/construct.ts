import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from './accounts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { Rpc } from './rpc.ts'

/** A contract that is to stand at a given address. */
export interface Placed {
  readonly what: string
  readonly address: Address
  readonly initCode: Hex
}

/**
 * Runs constructors at the addresses where mainnet has the contracts, together with whatever is queued, in one block.
 * The creation code is put at the address and called: as a read it returns the code to leave there, immutables filled
 * in; as a transaction of the deployer it writes the storage and emits the events.
 */
export const constructInPlace = async (
  rpc: Rpc,
  writer: BlockWriter,
  contracts: readonly Placed[],
): Promise<void> => {
  const from = accounts.deployer.address
  await rpc.batch(
    contracts.map(({ address, initCode }) => ({
      method: 'anvil_setCode',
      params: [address, initCode],
    })),
  )
  const codes = await rpc.batch<Hex>(
    contracts.map(({ address }) => ({
      method: 'eth_call',
      params: [{ from, to: address }, 'latest'],
    })),
  )
  for (const { what, address } of contracts) writer.call({ what, from, to: address })
  await writer.mine()
  await rpc.batch(
    contracts.flatMap(({ address }, i) => [
      { method: 'anvil_setCode', params: [address, codes[i]] },
      // A contract's nonce starts at one (EIP-161): what it creates then has mainnet's address.
      { method: 'anvil_setNonce', params: [address, '0x1'] },
    ]),
  )
}
