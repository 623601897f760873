import { createBook } from '../../book/create-book.ts'
import { type AlertLedger, createAlertLedger } from '../../bot/alert-ledger.ts'
import { createEngine, type Engine } from '../../bot/engine.ts'
import type { Intents } from '../../bot/intents.ts'
import type { LoopSettings } from '../../bot/settings.ts'
import { InvariantError, ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import type { AuditedAccount } from '../../core/types/event.ts'
import { bps } from '../../core/units.ts'
import type { Monitor } from '../../monitors/monitor.ts'
import type { ProtocolBook } from '../../protocols/protocol.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import { anItem, aPlan } from './a-bundle.ts'

/** What the small strategy is told; none of it changes what is fallen, all of it changes the plans. */
export interface SmallParams {
  readonly bidBps: number
  readonly order: 'first' | 'last'
  /** Opens an alert for every block. */
  readonly tells?: boolean
}

export type SmallSettings = LoopSettings & { readonly small: SmallParams }

/** A market of names: `collateral off` fells an account, a liquidation or `collateral on` lifts it. */
const createSmallMarket = (): ProtocolBook & { readonly fallen: ReadonlySet<Address> } => {
  const fallen = new Set<Address>()
  const known = new Set<Address>()
  return {
    id: 'aave-v3',
    supported: true,
    fallen,
    snapshot: () => [],
    totals: () => [],
    tokensOf: () => ({ collateral: [], debt: [] }),
    accounts: () => known,
    screen: () => [...fallen],
    examine: () => undefined,
    audited: (account): AuditedAccount => ({
      account,
      collateralBase: 2n,
      debtBase: 1n,
      healthFactorWad: fallen.has(account) ? 0n : 1n,
    }),
    apply: (event) => {
      if (event.type === 'start' || event.type === 'reorg') {
        fallen.clear()
        known.clear()
      }
      if (event.type !== 'block' && event.type !== 'history') return
      for (const change of event.changes) {
        if (change.type === 'aave/liquidation') fallen.delete(change.account)
        if (change.type !== 'aave/collateral') continue
        known.add(change.account)
        if (change.enabled) fallen.delete(change.account)
        else fallen.add(change.account)
      }
    },
  }
}

/** Closes every fallen account, one transaction each, in the next block. */
const createSmallStrategy = (params: SmallParams): Strategy => ({
  name: 'small',
  evaluate: ({ book, inFlight, nextBlockSec }, event) => {
    if (event.type === 'relay' && event.answer.detail === 'throw') {
      throw new ProtocolError('SMALL_STRATEGY_THROWS', 'Expect this error: the test asked for it.')
    }
    if (event.type === 'relay' && event.answer.detail === 'invariant') {
      throw new InvariantError('SMALL_STRATEGY_BREAKS', 'Expect this error: the test asked for it.')
    }
    const head = book.head!
    const fallen = book.protocols
      .flatMap((protocol) => protocol.screen(book.view(nextBlockSec)))
      .filter((account) => !inFlight.has(`aave-v3:${account}`))
    const ordered = params.order === 'first' ? fallen : fallen.toReversed()
    return {
      refusals: [],
      plans: ordered.map((account, i) =>
        aPlan({
          id: `small:${head.number + 1}:${i}`,
          strategy: 'small',
          targetBlock: head.number + 1,
          parentHash: head.hash,
          bidBps: bps(params.bidBps),
          items: [anItem({ account, position: `aave-v3:${account}` })],
        }),
      ),
    }
  },
})

const createSmallMonitor = ({ tells = false }: SmallParams): Monitor => ({
  fair: new Map(),
  observe: (_book, event) =>
    tells && event.type === 'block'
      ? [
          {
            key: `block:${event.head.number}`,
            severity: 'warning',
            status: 'open',
            kind: 'divergence/lag',
            text: `Block ${event.head.number} came.`,
            block: event.head.number,
            timestampSec: event.head.timestampSec,
          },
        ]
      : [],
})

/** Creates an engine over the genuine book and intents, and rooms small enough to see through. */
export const createLoopEngine = (
  settings: LoopSettings,
  intents: Intents,
  alerts: AlertLedger = createAlertLedger(),
): Engine => {
  const { small } = settings as SmallSettings
  return createEngine({
    book: createBook({ protocols: [createSmallMarket()] }),
    monitor: createSmallMonitor(small),
    strategies: [createSmallStrategy(small)],
    guard: (_world, verdict) => verdict,
    intents,
    alerts,
    settings,
  })
}

export const smallSettings = (changes: Partial<SmallSettings> = {}): SmallSettings =>
  ({
    session: 'one',
    mode: 'live',
    blockTimeSec: 12,
    audit: { perBlock: 1, batch: 2 },
    loss: { hourEth: 0.02, dayEth: 0.05 },
    small: { bidBps: 7_300, order: 'first' },
    ...changes,
  }) as SmallSettings
