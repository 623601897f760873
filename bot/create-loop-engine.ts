import { createBook } from '../book/create-book.ts'
import { createMonitor } from '../monitors/create-monitor.ts'
import { createAaveV3Book } from '../protocols/aave-v3/index.ts'
import type { ProtocolBook } from '../protocols/protocol.ts'
import { createGuard } from '../strategies/guard.ts'
import { strategies } from '../strategies/index.ts'
import { type AlertLedger, createAlertLedger } from './alert-ledger.ts'
import { createEngine, type Engine } from './engine.ts'
import type { Intents } from './intents.ts'
import type { LoopSettings } from './settings.ts'

/** Creates the books of all protocols that are followed, empty. */
export const createProtocolBooks = (): readonly ProtocolBook[] => [createAaveV3Book()]

/** Creates the engine with its genuine rooms: the one place that a live loop and a replay build them. */
export const createLoopEngine = (
  settings: LoopSettings,
  intents: Intents,
  alerts: AlertLedger = createAlertLedger(),
): Engine => {
  const names = Object.keys(strategies) as (keyof typeof strategies)[]
  return createEngine({
    book: createBook({ protocols: createProtocolBooks() }),
    monitor: createMonitor(settings.monitor),
    strategies: names.map((name) => strategies[name](settings.strategies[name])),
    guard: createGuard({ ...settings.guard, mode: settings.mode }).review,
    intents,
    alerts,
    settings,
  })
}
