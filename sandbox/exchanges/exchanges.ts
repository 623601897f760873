import { InvariantError } from '../../core/errors.ts'
import type { ScenarioClock } from '../clock.ts'
import type { Scenario } from '../scenario.ts'
import { binance } from './binance.ts'
import { type Board, createBoard } from './board.ts'
import { coinbase } from './coinbase.ts'
import { kraken } from './kraken.ts'
import { type Venue, venues } from './listing.ts'
import { startVenueServer, type VenueServer } from './venue-server.ts'

/** The local exchanges; faults strike the given venue, or all of them. */
export interface Exchanges {
  /** Known once `start` has resolved. */
  readonly urls: Readonly<Record<Venue, string>>
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Cuts every client's socket. */
  readonly dropAll: (venue?: Venue) => void
  /** Leaves sockets open and says nothing for so long in wall time. */
  readonly silence: (forMs: number, venue?: Venue) => void
  /** Sends a frame, as it is, to every client. */
  readonly sendRaw: (frame: string, venue?: Venue) => void
}

const dialects = { binance, coinbase, kraken } as const

/** Quotes are looked for this often: half the gap between ticks at the cap of 200 in a second. */
const pumpMs = 5

/** Creates the three exchanges of a scenario; they listen and quote from `start` on, also while the clock stands. */
export const createExchanges = ({
  scenario,
  clock,
  log,
}: {
  readonly scenario: Scenario
  readonly clock: Pick<ScenarioClock, 'now'>
  readonly log: (text: string) => void
}): Exchanges => {
  const running = new Map<Venue, { readonly board: Board; readonly server: VenueServer }>()
  let pump: ReturnType<typeof setInterval> | undefined

  const server = (venue: Venue): VenueServer => {
    const found = running.get(venue)?.server
    if (found) return found
    throw new InvariantError(
      'EXCHANGE_NOT_STARTED',
      `Start the exchanges before "${venue}" is used; they have no address until then.`,
    )
  }
  const struck = (venue: Venue | undefined): readonly VenueServer[] =>
    (venue === undefined ? venues : [venue]).map(server)

  return {
    get urls() {
      return {
        binance: server('binance').url,
        coinbase: server('coinbase').url,
        kraken: server('kraken').url,
      }
    },
    start: async () => {
      for (const venue of venues) {
        const board = createBoard({ scenario, venue, clock })
        const started = await startVenueServer({ dialect: dialects[venue], board, clock })
        running.set(venue, { board, server: started })
        log(`${venue} quotes ${[...board.symbols].join(', ')} at ${started.url}`)
      }
      pump = setInterval(() => {
        for (const { board, server: exchange } of running.values()) exchange.publish(board.due())
      }, pumpMs)
    },
    stop: async () => {
      clearInterval(pump)
      await Promise.all([...running.values()].map(({ server: exchange }) => exchange.stop()))
      running.clear()
    },
    dropAll: (venue) => {
      for (const exchange of struck(venue)) exchange.drop()
    },
    silence: (forMs, venue) => {
      for (const exchange of struck(venue)) exchange.silence(forMs)
    },
    sendRaw: (frame, venue) => {
      for (const exchange of struck(venue)) exchange.sendRaw(frame)
    },
  }
}
