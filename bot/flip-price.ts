import type { Book } from '../book/book.ts'
import type { Address } from '../core/types/chain.ts'
import type { Feed } from '../core/types/market.ts'
import { type Raw, raw, type Sec, WAD } from '../core/units.ts'
import type { ProtocolBook } from '../protocols/protocol.ts'

/** Where an account flips when one feed moves and nothing else does. */
export interface Flip {
  readonly feed: Feed
  /** The highest answer at which the account is liquidatable; one unit above it is not. */
  readonly answerRaw: Raw
}

const DOUBLINGS = 12

/**
 * Returns where an account flips by the feed of the collateral that carries most of it; undefined where no answer of that
 * feed alone changes its state. Exact: every answer is judged by the protocol's own rules.
 */
export const flipOf = (
  { book, protocol }: { readonly book: Book; readonly protocol: ProtocolBook },
  account: Address,
  timestampSec: Sec,
): Flip | undefined => {
  const auditedAt = (aggregator: string, answerRaw: Raw) =>
    protocol.audited(account, book.view(timestampSec, new Map([[aggregator, answerRaw]])))
  const isFallen = (aggregator: string, answerRaw: Raw): boolean =>
    (auditedAt(aggregator, answerRaw)?.healthFactorWad ?? WAD) < WAD

  /** The feed of the collateral that is worth most: without its price least is left. */
  const carrierOf = (): Feed | undefined => {
    let least: bigint | undefined
    let carrier: Feed | undefined
    for (const { address } of protocol.tokensOf(account).collateral) {
      const known = book.feeds.get(protocol.aggregatorOf?.(address)?.toLowerCase() ?? '')
      if (known === undefined) continue
      const left = auditedAt(known.aggregator.toLowerCase(), raw(1n))?.collateralBase
      if (left === undefined || (least !== undefined && left >= least)) continue
      least = left
      carrier = known
    }
    return carrier
  }

  const feed = carrierOf()
  if (feed === undefined) return undefined
  const aggregator = feed.aggregator.toLowerCase()
  let fallen = 0n
  let healthy: bigint = feed.answerRaw
  if (isFallen(aggregator, feed.answerRaw)) {
    fallen = feed.answerRaw
    for (let doubling = 0; ; doubling++) {
      healthy *= 2n
      if (!isFallen(aggregator, raw(healthy))) break
      fallen = healthy
      if (doubling === DOUBLINGS) return undefined
    }
  } else if (isFallen(aggregator, raw(1n))) fallen = 1n
  else return undefined
  while (healthy - fallen > 1n) {
    const middle = (fallen + healthy) / 2n
    if (isFallen(aggregator, raw(middle))) fallen = middle
    else healthy = middle
  }
  return { feed, answerRaw: raw(fallen) }
}
