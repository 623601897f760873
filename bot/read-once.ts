import type { Book } from '../book/book.ts'
import { createBook } from '../book/create-book.ts'
import type { Config } from '../config/schema.ts'
import { TransientError } from '../core/errors.ts'
import type { Event } from '../core/types/event.ts'
import type { FairPrice } from '../core/types/price.ts'
import { createMonitor } from '../monitors/create-monitor.ts'
import { createRpc } from '../monitors/sources/rpc.ts'
import { numberOf } from '../monitors/sources/rpc-values.ts'
import { createTimerSource } from '../monitors/sources/timer.ts'
import { createWatchedFeeds } from '../monitors/sources/watched-feeds.ts'
import { createClock } from './clock.ts'
import { parseClock } from './clock-text.ts'
import { createProtocolBooks } from './create-loop-engine.ts'
import { loopSettingsOf } from './loop-settings-of.ts'
import { chainSourceOf, exchangeSourcesOf } from './sources-of.ts'

/** The world as it stands at one moment. */
export interface ReadWorld {
  readonly book: Book
  readonly fair: ReadonlyMap<string, FairPrice>
}

/** How long fair prices are waited for once the book is there. */
const FAIR_MS = 10_000
const LOOK_MS = 50

/**
 * Reads the chain to its head and the exchanges until every feed's asset has a fair price, or for ten seconds more; needs
 * no key, sends nothing and keeps no journal. Throws TransientError when the node does not answer, ConfigError when it is
 * of another chain, and resolves to undefined when the signal aborts first.
 */
export const readOnce = async (
  config: Config,
  log: { readonly info: (text: string) => void; readonly warn: (text: string) => void },
  signal: AbortSignal,
): Promise<ReadWorld | undefined> => {
  const { chain } = config
  const clock = createClock(parseClock(chain.clock))
  const rpc = createRpc({ urls: [chain.rpcHttp], chainId: chain.id })
  await rpc.request('eth_blockNumber', [], (value) => numberOf('block number', value))
  const book = createBook({ protocols: createProtocolBooks() })
  const settings = loopSettingsOf(config, 'read-once')
  const monitor = createMonitor(settings.monitor)
  let seq = 0
  let failure: unknown
  const ending = new AbortController()
  const emit = (event: Event): void => {
    // What comes while the sources end would move what was read.
    if (ending.signal.aborted) return
    book.apply({ seq: seq++, atMs: clock(), event })
    monitor.observe(book, event)
  }
  emit({ type: 'start', session: 'read-once', settings })

  const watched = createWatchedFeeds()
  const sources = [
    chainSourceOf(config, {
      ...{ rpc, watched, clock, log },
      operators: [],
      collectReceipts: async () => [],
    }),
    ...exchangeSourcesOf(config, clock),
    createTimerSource(),
  ]
  const running = sources.map((source) =>
    source.start(emit, ending.signal).catch((thrown: unknown) => {
      failure ??= thrown
    }),
  )
  const isPriced = (): boolean =>
    [...book.feeds.values()].every(({ asset }) => {
      const price = monitor.fair.get(asset)
      return price !== undefined && price.status !== 'unknown'
    })
  try {
    let untilMs = Number.POSITIVE_INFINITY
    while (!signal.aborted && failure === undefined) {
      if (book.head !== undefined) {
        if (untilMs === Number.POSITIVE_INFINITY) untilMs = performance.now() + FAIR_MS
        if (isPriced() || performance.now() > untilMs) break
      }
      await new Promise((wake) => setTimeout(wake, LOOK_MS))
    }
    if (failure !== undefined) throw failure
    if (signal.aborted) return undefined
    if (book.head === undefined)
      throw new TransientError('READ_BROKEN_OFF', 'Read again: the chain was not read to its head.')
    return { book, fair: monitor.fair }
  } finally {
    ending.abort()
    await Promise.all(running)
  }
}
