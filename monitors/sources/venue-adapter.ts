/** Why a frame, or one quote of it, was refused; the closed list that is counted by. */
export const venueFaults = [
  'not-json',
  'malformed',
  'unknown-symbol',
  'not-a-number',
  'not-positive',
  'out-of-range',
  'crossed',
  'out-of-order',
  'refused-by-venue',
] as const

export type VenueFault = (typeof venueFaults)[number]

/** A best bid and ask in the venue's own quote currency. */
export interface VenueQuote {
  readonly symbol: string
  readonly bid: number
  readonly ask: number
  /** Grows with every change of this market, where the venue counts them. */
  readonly sequence?: number
}

/** What one frame says. */
export interface VenueReading {
  readonly quotes: readonly VenueQuote[]
  readonly faults: readonly VenueFault[]
  /** Whether the frame shows a venue at work: a quote, a heartbeat, an acknowledgement. */
  readonly alive: boolean
  /** The venue's own words when it refused something. */
  readonly detail?: string
}

/** How one venue is spoken to; pure, so that a recorded frame reads today as it read then. */
export interface VenueAdapter {
  readonly venue: string
  /** The frames to send on every new connection. */
  readonly subscribe: (symbols: readonly string[]) => readonly string[]
  /** Never throws, whatever the frame. */
  readonly parse: (frame: string, symbols: ReadonlySet<string>) => VenueReading
}

/** Returns the value that a frame holds, or undefined when it is not JSON. */
export const jsonIn = (frame: string): unknown => {
  try {
    return JSON.parse(frame)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Returns the fields of a JSON object, or undefined for anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
