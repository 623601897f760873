import { InvariantError } from '../core/errors.ts'
import type { Address, Head } from '../core/types/chain.ts'
import type { Event, Operator } from '../core/types/event.ts'
import type { Tick } from '../core/types/price.ts'
import { type Ms, ms } from '../core/units.ts'
import type { ProtocolBook } from '../protocols/protocol.ts'
import { createPoolTable } from '../venues/uniswap-v3/pools.ts'
import type { WritableBook } from './book.ts'
import { createFeedTable } from './feed-table.ts'
import { createPriceView } from './price-view.ts'

/** Throws InvariantError unless the block is the child of the head. */
const expectChild = (head: Head | undefined, block: Head): void => {
  if (head?.hash === block.parentHash) return
  throw new InvariantError(
    'BOOK_BLOCK_OUT_OF_ORDER',
    `Apply block ${block.number} with parent ${block.parentHash} after its parent only: the head is ${head === undefined ? 'not set, a "synced" is due' : `${head.number} ${head.hash}, a "reorg" is due`}.`,
    { block: block.number, parentHash: block.parentHash, head: head?.hash },
  )
}

/**
 * Owns the world after the last event.
 *
 * 1. `apply` is the only writer, and an entry is applied whole. Facts change nothing: they are conclusions.
 * 2. `start` voids everything. `reorg` voids what the chain said (head, feeds, pending updates, pools, protocols) until
 *    `synced`; what exchanges and our own accounts said stays.
 * 3. Between `synced` and `reorg` each block is the child of the head.
 * 4. Readings (`market`, `feeds`, `pools`) come before the history that leads up to the head; where both speak of the
 *    same thing the newer one by the chain's time stands.
 * 5. An audit's mismatch stands, whatever is read anew, until an audit finds the same account equal or `synced` knows the
 *    account no more.
 */
export const createBook = (deps: { readonly protocols: readonly ProtocolBook[] }): WritableBook => {
  const { protocols } = deps
  const pools = createPoolTable()
  const feeds = createFeedTable()
  const ticks = new Map<string, Tick>()
  let nowMs: Ms = ms(0)
  let head: Head | undefined
  let operators: readonly Operator[] = []
  const mismatches = new Map<string, string>()

  const voidChain = (): void => {
    head = undefined
    feeds.clear()
  }

  const forgetStrangers = (): void => {
    if (mismatches.size === 0) return
    const known = new Set(protocols.flatMap((protocol) => [...protocol.accounts()]))
    for (const account of mismatches.keys()) {
      if (!known.has(account as Address)) mismatches.delete(account)
    }
  }

  const applyEvent = (event: Event): void => {
    if (event.type === 'block') expectChild(head, event.head)
    for (const protocol of protocols) protocol.apply(event)
    pools.apply(event)
    switch (event.type) {
      case 'start':
        voidChain()
        mismatches.clear()
        ticks.clear()
        operators = []
        break
      case 'reorg':
        voidChain()
        break
      case 'ticks':
        for (const tick of event.ticks) ticks.set(`${tick.venue}:${tick.pair}`, tick)
        break
      case 'feeds':
        feeds.read(event.feeds)
        break
      case 'history':
        feeds.applyChanges(event.changes)
        break
      case 'block':
        head = event.head
        feeds.applyChanges(event.changes)
        feeds.expire(head.number)
        break
      case 'synced':
        head = event.head
        forgetStrangers()
        feeds.expire(head.number)
        break
      case 'pending-update':
        feeds.addPending(event.update)
        break
      case 'operators':
        operators = event.operators
        break
      case 'audit':
        for (const account of event.compared) mismatches.delete(account.toLowerCase())
        for (const { account, text } of event.mismatches)
          mismatches.set(account.toLowerCase(), text)
        break
      default:
        break
    }
  }

  return {
    get nowMs() {
      return nowMs
    },
    get head() {
      return head
    },
    get pools() {
      return pools.pools
    },
    get operators() {
      return operators
    },
    get auditMismatches() {
      return [...mismatches.values()]
    },
    ticks,
    feeds: feeds.feeds,
    pending: feeds.pending,
    poolKeys: pools.keys,
    protocols,
    view: (timestampSec, answers) => createPriceView(feeds.feeds, timestampSec, answers),
    apply: ({ atMs, event }) => {
      nowMs = ms(atMs)
      if (event !== undefined) applyEvent(event)
    },
  }
}
