import { privateKeyToAccount } from 'viem/accounts'
import { ConfigError } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Builder } from '../builder.ts'
import { createFlashbotsBuilder } from './flashbots.ts'
import { createJsonRpcBuilder } from './json-rpc.ts'

/** A builder as the configuration names it. */
export interface BuilderSettings {
  readonly name: string
  readonly kind: 'flashbots' | 'json-rpc'
  readonly url: string
  readonly deadlineMs: number
}

/**
 * Creates the builders of a configuration, all known by one auth key, which owns nothing and must not be an operator's;
 * throws a ConfigError for a key that is none.
 */
export const createBuilders = (deps: {
  readonly builders: readonly BuilderSettings[]
  readonly authKey: Hex
  readonly chainId: number
}): readonly Builder[] => {
  const { authKey, chainId } = deps
  if (!/^0x[0-9a-fA-F]{64}$/.test(authKey)) {
    throw new ConfigError(
      'AUTH_KEY_INVALID',
      'Set the auth key to 32 bytes in hex, with 0x in front; what is set is not that.',
    )
  }
  const auth = privateKeyToAccount(authKey)
  const kinds = {
    flashbots: (settings: BuilderSettings) =>
      createFlashbotsBuilder({ ...settings, authKey, chainId }),
    'json-rpc': (settings: BuilderSettings) => createJsonRpcBuilder({ ...settings, auth }),
  }
  return deps.builders.map((settings) => kinds[settings.kind](settings))
}
