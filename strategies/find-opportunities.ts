import type { Address } from '../core/types/chain.ts'
import type { Opportunity, PriceView } from '../protocols/protocol.ts'
import type { LiquidationParams } from './params.ts'
import type { Refusal, World } from './strategy.ts'

export interface Found {
  readonly opportunities: readonly Opportunity[]
  readonly refusals: readonly Refusal[]
}

/** Returns every position that is liquidatable under a view. One view is asked throughout: books keep the last one. */
export const liquidatable = (
  { book }: Pick<World, 'book'>,
  view: PriceView,
): readonly Opportunity[] =>
  book.protocols.flatMap((protocol) =>
    protocol
      .screen(view)
      .map((account) => protocol.examine(account, view))
      .filter((opportunity) => opportunity !== undefined),
  )

/** Returns which of the liquidatable may be planned, by the pairs that may be touched, and why others may not. */
export const mayPlan = (
  found: readonly Opportunity[],
  world: World,
  params: LiquidationParams,
): Found => {
  const deniedAccounts = lowerCase(params.denyAccounts)
  const deniedTokens = lowerCase(params.denyTokens)
  const supported = new Set(
    world.book.protocols.filter((protocol) => protocol.supported).map(({ id }) => id),
  )
  const opportunities: Opportunity[] = []
  const refusals: Refusal[] = []
  for (const opportunity of found) {
    const { position, protocol, account } = opportunity
    const pairs = opportunity.pairs.filter(
      ({ collateral, debt }) =>
        !deniedTokens.has(collateral.address.toLowerCase()) &&
        !deniedTokens.has(debt.address.toLowerCase()),
    )
    if (!supported.has(protocol)) refusals.push({ position, reason: 'unsupported' })
    else if (world.inFlight.has(position)) refusals.push({ position, reason: 'in-flight' })
    else if (deniedAccounts.has(account.toLowerCase()) || pairs.length === 0)
      refusals.push({ position, reason: 'denied' })
    else opportunities.push({ ...opportunity, pairs })
  }
  return { opportunities, refusals }
}

const lowerCase = (addresses: readonly Address[] = []): ReadonlySet<string> =>
  new Set(addresses.map((address) => address.toLowerCase()))
