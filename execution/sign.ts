import { keccak256 } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { ConfigError } from '../core/errors.ts'
import type { Address, Hex } from '../core/types/chain.ts'
import type { Bundle, Intent, SignedTx } from '../core/types/plan.ts'
import { encodeIntent } from './encode.ts'

/**
 * Owns the operators' keys.
 * 1. A key is seen here alone: it is in no error, no log and no property of what is returned.
 * 2. It signs what the intent says and adds nothing: nonce, gas and fees are the loop's decisions.
 */
export interface Signer {
  readonly addresses: readonly Address[]
  /** Throws a ConfigError when an intent is leased to an operator without a key. */
  readonly sign: (bundle: Bundle) => Promise<readonly SignedTx[]>
}

/** The bid is paid by the executor; one wei satisfies builders that leave out what pays no tip. */
const tipWei = 1n

const accountOf = (key: Hex, index: number): PrivateKeyAccount => {
  try {
    return privateKeyToAccount(key)
  } catch {
    // What viem throws is not passed on as a cause: it may quote the key.
    throw new ConfigError(
      'OPERATOR_KEY_INVALID',
      `Set operator key number ${index + 1} to 32 bytes in hex, with 0x in front; what is set is not that.`,
      { number: index + 1 },
    )
  }
}

/** Creates the signer of a set of operators; throws a ConfigError for a key that is none. */
export const createSigner = (deps: {
  readonly keys: readonly Hex[]
  readonly chainId: number
  readonly executor: Address
}): Signer => {
  const accounts = deps.keys.map(accountOf)
  const byAddress = new Map(accounts.map((account) => [account.address.toLowerCase(), account]))

  const signIntent = async (intent: Intent): Promise<SignedTx> => {
    const account = byAddress.get(intent.operator.toLowerCase())
    if (account === undefined) {
      throw new ConfigError(
        'OPERATOR_KEY_MISSING',
        `Add the key of operator ${intent.operator}: intent ${intent.id} is leased to it.`,
        { operator: intent.operator, intent: intent.id },
      )
    }
    const { plan } = intent
    const rawTx = await account.signTransaction({
      type: 'eip1559',
      chainId: deps.chainId,
      to: deps.executor,
      data: encodeIntent(intent),
      nonce: intent.nonce,
      gas: plan.gasLimit,
      maxFeePerGas: plan.maxFeePerGasWei,
      maxPriorityFeePerGas: tipWei,
    })
    return { intent: intent.id, txHash: keccak256(rawTx), rawTx }
  }

  return {
    addresses: accounts.map(({ address }) => address),
    sign: (bundle) => Promise.all(bundle.intents.map(signIntent)),
  }
}
