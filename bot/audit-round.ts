import type { Book } from '../book/book.ts'
import type { Address } from '../core/types/chain.ts'
import type { AuditedAccount, AuditedTotal, Event } from '../core/types/event.ts'
import type { ProtocolBook } from '../protocols/protocol.ts'

/** How much of the book the chain is asked to confirm. */
export interface AuditParams {
  /** Accounts in every block, in turn. */
  readonly perBlock: number
  /** Accounts in one question, when all are asked. */
  readonly batch: number
}

/**
 * Owns whose turn it is to be compared with the chain.
 *
 * 1. After `synced` everyone is asked at once, in batches, unless the past was kept; in every block a few, in turn.
 * 2. When everyone is asked, and when a turn begins, totals are held against the chain's: they show who is missing.
 * 3. A turn goes through the accounts as they were when it began; who came since is asked in the next.
 */
export interface AuditRound {
  /** The batches that an event calls for. */
  readonly batches: (book: Book, event: Event) => readonly (readonly AuditedAccount[])[]
  /** The totals that an event calls for; asked after the batches. */
  readonly totals: (book: Book, event: Event) => readonly AuditedTotal[]
}

interface Turn {
  readonly protocol: ProtocolBook
  readonly account: Address
}

const everyone = (book: Book): readonly Turn[] =>
  book.protocols.flatMap((protocol) =>
    [...protocol.accounts()].map((account) => ({ protocol, account })),
  )

const auditedOf = (book: Book, turns: readonly Turn[]): readonly AuditedAccount[] => {
  if (book.head === undefined) return []
  const view = book.view(book.head.timestampSec)
  return turns.flatMap(({ protocol, account }) => protocol.audited(account, view) ?? [])
}

const inBatches = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.slice(i * size, (i + 1) * size),
  )

/** Creates a round that begins with the first account. */
export const createAuditRound = ({ perBlock, batch }: AuditParams): AuditRound => {
  let turns: readonly Turn[] = []
  let at = 0
  let isBeginning = false
  let keepsPast = false

  const nextTurns = (book: Book): readonly Turn[] => {
    isBeginning = at >= turns.length
    if (isBeginning) {
      turns = everyone(book)
      at = 0
    }
    at += perBlock
    return turns.slice(at - perBlock, at)
  }

  return {
    batches: (book, event) => {
      if (event.type === 'start' || event.type === 'reorg')
        keepsPast = event.type === 'reorg' && event.keepsPast === true
      if (event.type === 'synced' && !keepsPast) {
        turns = []
        return inBatches(auditedOf(book, everyone(book)), batch)
      }
      const isNews = event.type === 'block' || event.type === 'synced'
      if (!isNews || perBlock === 0 || book.head === undefined) return []
      const audited = auditedOf(book, nextTurns(book))
      return audited.length === 0 ? [] : [audited]
    },
    totals: ({ protocols }, { type }) =>
      type === 'synced' || (type === 'block' && isBeginning && turns.length > 0)
        ? protocols.flatMap((protocol) => protocol.totals())
        : [],
  }
}
