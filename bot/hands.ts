import { generatePrivateKey } from 'viem/accounts'
import type { Config } from '../config/schema.ts'
import { ConfigError } from '../core/errors.ts'
import { max } from '../core/math.ts'
import type { Address, Hex } from '../core/types/chain.ts'
import type { Event } from '../core/types/event.ts'
import { wei } from '../core/units.ts'
import type { Builder } from '../execution/builder.ts'
import { createBuilders } from '../execution/builders/index.ts'
import { createSigner, type Signer } from '../execution/sign.ts'

/** What a mode may act with: nothing in watch, made-up operators and no builder in dry-run. */
export interface Hands {
  readonly signer: Signer | undefined
  readonly operators: readonly Address[]
  readonly builders: readonly Builder[]
  /** An event as this mode sees it: a dry run pretends that its operators can pay. */
  readonly seen: (event: Event) => Event
}

/** Operators that a dry run makes up: what it signs could not land, and a real key is not even read. */
const DRY_OPERATORS = 4
const dryBalanceWei = wei(100n * 10n ** 18n)

const pretend = (event: Event): Event =>
  event.type === 'operators'
    ? {
        ...event,
        operators: event.operators.map((operator) => ({
          ...operator,
          balanceWei: max(operator.balanceWei, dryBalanceWei),
        })),
      }
    : event

/** Returns signer, operators and builders of a configuration; throws ConfigError for a key or an endpoint that is none. */
export const createHands = (config: Config): Hands => {
  const { mode, keys, executor, chain, builders } = config
  if (mode === 'watch' || !executor)
    return { signer: undefined, operators: [], builders: [], seen: (event) => event }
  const operatorKeys =
    mode === 'live' && keys.operators
      ? keys.operators.split(',').map((key) => key.trim() as Hex)
      : Array.from({ length: DRY_OPERATORS }, () => generatePrivateKey())
  if (keys.auth && operatorKeys.includes(keys.auth as Hex))
    throw new ConfigError(
      'AUTH_KEY_FUNDED',
      'Give keys.auth a key of its own: it is one of the operators, and builders see it everywhere.',
    )
  const signer = createSigner({ keys: operatorKeys, chainId: chain.id, executor })
  const operators = signer.addresses
  if (mode === 'dry-run' || !keys.auth) return { signer, operators, builders: [], seen: pretend }
  return {
    signer,
    operators,
    builders: createBuilders({ builders, authKey: keys.auth as Hex, chainId: chain.id }),
    seen: (event) => event,
  }
}
