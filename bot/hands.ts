import type { Config } from '../config/schema.ts'
import { ConfigError } from '../core/errors.ts'
import type { Address, Hex } from '../core/types/chain.ts'
import type { Builder } from '../execution/builder.ts'
import { createBuilders } from '../execution/builders/index.ts'
import { createSigner, type Signer } from '../execution/sign.ts'

/** What a mode may act with: nothing but in live mode. */
export interface Hands {
  readonly signer: Signer | undefined
  readonly operators: readonly Address[]
  readonly builders: readonly Builder[]
}

const none: Hands = { signer: undefined, operators: [], builders: [] }

/** Returns signer, operators and builders of a configuration; throws ConfigError for a key or an endpoint that is none. */
export const createHands = (config: Config): Hands => {
  const { keys, executor, chain, builders } = config
  if (config.mode !== 'live' || !keys.operators || !keys.auth || !executor) return none
  const operatorKeys = keys.operators.split(',').map((key) => key.trim() as Hex)
  if (operatorKeys.includes(keys.auth as Hex))
    throw new ConfigError(
      'AUTH_KEY_FUNDED',
      'Give keys.auth a key of its own: it is one of the operators, and builders see it everywhere.',
    )
  const signer = createSigner({ keys: operatorKeys, chainId: chain.id, executor })
  return {
    signer,
    operators: signer.addresses,
    builders: createBuilders({ builders, authKey: keys.auth as Hex, chainId: chain.id }),
  }
}
