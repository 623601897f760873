/**
 * The monitors in the order in which each needs the one before: prices, divergences, health. Owns all three.
 *
 * 1. Ticks price only the assets that they touch and read only the feeds of those; thousands come in a second.
 * 2. A block, the timer and whatever changes feeds look at everything, since time itself makes quotes stale.
 */
import type { Event } from '../core/types/event.ts'
import type { Divergence } from '../core/types/price.ts'
import { createDivergences, type DivergenceParams } from './divergence.ts'
import { createFairPrices, type FairPriceParams } from './fair-price.ts'
import type { Monitor } from './monitor.ts'
import { createSourceHealth, type HealthParams } from './source-health.ts'

/** What the monitors are told; plain JSON. */
export interface MonitorParams {
  readonly fairPrice: FairPriceParams
  readonly divergence: DivergenceParams
  readonly health: HealthParams
}

/** A monitor that also shows what is open. */
export interface ObservingMonitor extends Monitor {
  /** Open divergences by asset, after the last event. */
  readonly divergences: ReadonlyMap<string, Divergence>
}

/** Events after which everything is looked at. */
const wholeEvents: ReadonlySet<Event['type']> = new Set(['block', 'synced', 'feeds', 'timer'])

/** Creates the monitor of a book. */
export const createMonitor = (params: MonitorParams): ObservingMonitor => {
  const prices = createFairPrices(params.fairPrice)
  const divergences = createDivergences(params.divergence)
  const health = createSourceHealth(params.health)

  return {
    fair: prices.latest,
    divergences: divergences.open,
    observe: (book, event) => {
      const whole = wholeEvents.has(event.type)
      const ticks = event.type === 'ticks' ? event.ticks : undefined
      const alerts = []
      if (whole || ticks) {
        const priced = new Set(prices.update(book.ticks, book.nowMs, ticks))
        for (const feed of book.feeds.values())
          if (whole || priced.has(feed.asset))
            alerts.push(...divergences.read(book, feed, prices.latest.get(feed.asset)))
      }
      alerts.push(...health.observe(book, event, prices.latest, whole))
      return alerts
    },
  }
}
