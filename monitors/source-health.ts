/**
 * Whether we can still see: owns what is wrong with our sources, our prices, the feeds and our own arithmetic.
 *
 * 1. A matter is told once it has stood for `downAfterMs`, and resolved once it has been well for `upAfterMs`.
 * 2. Keys hold the time of the opening on the book's clock, so that the next outage is another matter.
 * 3. A mismatch found by an audit is told at once, and resolved when the book holds it no more.
 */
import type { Book } from '../book/book.ts'
import type { Alert, Event } from '../core/types/event.ts'
import type { FairPrice } from '../core/types/price.ts'
import { sec } from '../core/units.ts'
import { createLatch, type Latch } from './latch.ts'

export interface HealthParams {
  readonly downAfterMs: number
  readonly upAfterMs: number
  /** Without these nothing can be acted upon. */
  readonly criticalSources: readonly string[]
  /** No block for this long is an outage, whatever the sources say. */
  readonly maxHeadAgeMs: number
  /** A feed may be this late behind its heartbeat. */
  readonly graceSec: number
  /** A price may take this long from the first event to be there at all. */
  readonly settleMs: number
}

/** A source may reconnect within five seconds before anyone is told; three missed slots are no accident. */
export const defaultHealth: HealthParams = {
  downAfterMs: 5_000,
  upAfterMs: 5_000,
  criticalSources: ['chain'],
  maxHeadAgeMs: 36_000,
  graceSec: 120,
  settleMs: 60_000,
}

export interface SourceHealth {
  /** Takes what just happened; `whole` when the book's clock should be looked at as well. */
  readonly observe: (
    book: Book,
    event: Event,
    fair: ReadonlyMap<string, FairPrice>,
    whole: boolean,
  ) => readonly Alert[]
}

interface Matter {
  readonly latch: Latch
  alert: Alert | undefined
}

/** What may be wrong, and whether it is. */
interface Symptom {
  readonly name: string
  readonly bad: boolean
  readonly severity: Alert['severity']
  readonly asset?: string
  readonly text: string
}

/** Creates the health of everything, all well. */
export const createSourceHealth = (params: HealthParams): SourceHealth => {
  const matters = new Map<string, Matter>()
  const sources = new Map<string, { readonly down: boolean; readonly reason: string }>()
  /** Assets whose price has been ok: losing one is told at once, not having one yet is not. */
  const priced = new Set<string>()
  let startedMs: number | undefined
  let audit: Alert | undefined

  const stamp = (book: Book) => ({
    block: book.head?.number ?? 0,
    timestampSec: sec(Math.floor(book.nowMs / 1000)),
  })

  const read = (book: Book, { name, bad, severity, asset, text }: Symptom): readonly Alert[] => {
    const known = matters.get(name)
    if (!known && !bad) return []
    const { downAfterMs, upAfterMs } = params
    const matter: Matter = known ?? {
      latch: createLatch({ openAfterMs: downAfterMs, closeAfterMs: upAfterMs, rearmMs: 0 }),
      alert: undefined,
    }
    matters.set(name, matter)
    const turned = matter.latch.read(bad ? 'bad' : 'good', book.nowMs)
    if (turned === 'closed' && matter.alert) {
      const over = { ...matter.alert, ...stamp(book), status: 'resolved' as const }
      matter.alert = undefined
      return [{ ...over, text: `Over: ${over.text}` }]
    }
    if (turned !== 'opened') return []
    const kind = `health/${name.split(':')[0]}`
    const about = asset === undefined ? {} : { asset }
    matter.alert = { key: name, severity, status: 'open', kind, ...about, text, ...stamp(book) }
    return [matter.alert]
  }

  const symptomsOf = (book: Book, fair: ReadonlyMap<string, FairPrice>): readonly Symptom[] => {
    const { head, nowMs } = book
    const headAgeMs = head ? nowMs - head.seenMs : 0
    return [
      ...[...sources].map(([source, { down, reason }]) => ({
        name: `source:${source}`,
        bad: down,
        severity: params.criticalSources.includes(source)
          ? ('critical' as const)
          : ('warning' as const),
        text: `Source ${source} is down (${reason}). Check its address and the network; it is tried again by itself.`,
      })),
      {
        name: 'head',
        bad: headAgeMs > params.maxHeadAgeMs,
        severity: 'critical',
        text: `No block since ${head?.number ?? 0}, more than ${params.maxHeadAgeMs / 1000} s. Check the node; nothing is sent meanwhile.`,
      },
      ...[...book.feeds.values()].flatMap((feed): readonly Symptom[] => {
        const price = fair.get(feed.asset)
        if (price?.status === 'ok') priced.add(feed.asset)
        const expected = priced.has(feed.asset) || nowMs - (startedMs ?? nowMs) > params.settleMs
        const silentSec = Math.round(nowMs / 1000 - feed.updatedSec)
        const late = head !== undefined && silentSec > feed.heartbeatSec + params.graceSec
        return [
          {
            name: `feed:${feed.asset}`,
            bad: late,
            severity: 'critical',
            asset: feed.asset,
            text: `${feed.asset} oracle has not answered for ${silentSec} s, its heartbeat is ${feed.heartbeatSec} s. Check the transmitters of ${feed.aggregator}.`,
          },
          {
            name: `price:${feed.asset}`,
            bad: expected && price !== undefined && price.status !== 'ok',
            severity: 'warning',
            asset: feed.asset,
            text: `The fair price of ${feed.asset} is ${price?.status}, ${price?.sources} sources count. Divergence of its oracle cannot be seen: check the exchanges.`,
          },
        ]
      }),
    ]
  }

  const readAudit = (book: Book, event: Event): readonly Alert[] => {
    const mismatches = book.auditMismatches
    if (mismatches.length > 0 && !audit && event.type === 'audit') {
      audit = {
        key: 'audit',
        severity: 'critical',
        status: 'open',
        kind: 'health/audit',
        text: `The book differs from the chain at block ${event.block} in ${event.mismatches.length} of ${event.compared.length} accounts: ${mismatches.slice(0, 3).join('; ')}. Nothing is sent until they are found equal; the book is read anew. Report this with the journal.`,
        ...stamp(book),
      }
      return [audit]
    }
    if (mismatches.length > 0 || !audit) return []
    const text =
      'Over: the accounts were found equal, and no other is known to differ from the chain.'
    const over: Alert = { ...audit, ...stamp(book), status: 'resolved', text }
    audit = undefined
    return [over]
  }

  return {
    observe: (book, event, fair, whole) => {
      startedMs ??= book.nowMs
      if (event.type === 'source')
        sources.set(event.source, { down: event.status === 'down', reason: event.reason })
      const alerts = [...readAudit(book, event)]
      if (whole || event.type === 'source')
        for (const symptom of symptomsOf(book, fair)) alerts.push(...read(book, symptom))
      return alerts
    },
  }
}
