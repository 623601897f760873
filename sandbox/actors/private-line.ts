import { keccak256, toHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Hex } from '../../core/types/chain.ts'
import type { ShapeName } from '../builders/shapes.ts'
import { createRpc } from '../chain/rpc.ts'

/** A builder's endpoint as its senders know it. */
export interface BuilderEndpoint {
  readonly url: string
  readonly shape: ShapeName
}

/**
 * Returns how an account sends a transaction to builders alone, so that nobody sees it before it is mined: to all of
 * them, by their own private method. It resolves once one has taken it and throws what the first said when none has.
 */
export const createPrivateLine = (
  builders: readonly BuilderEndpoint[],
  account: PrivateKeyAccount,
): ((raw: Hex) => Promise<Hex>) => {
  const header = async (body: string) => ({
    'x-flashbots-signature': `${account.address}:${await account.signMessage({ message: keccak256(toHex(body)) })}`,
  })
  const lines = builders.map(({ url, shape }) => {
    const method =
      shape === 'flashbots' ? 'eth_sendPrivateRawTransaction' : 'eth_sendRawTransaction'
    const rpc = createRpc(url, header)
    return (raw: Hex) => rpc.call<Hex>(method, [raw])
  })
  return (raw) =>
    Promise.any(lines.map((line) => line(raw))).catch((thrown: unknown) => {
      throw thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown
    })
}
