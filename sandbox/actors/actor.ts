/** Somebody who acts in the world from `start` to `stop`. */
export interface Actor {
  /** Begins, once; while the clock stands nothing happens. */
  readonly start: () => void
  readonly stop: () => Promise<void>
}

/** Creates an actor that runs until the signal aborts. */
export const createActor = (run: (signal: AbortSignal) => Promise<void>): Actor => {
  const controller = new AbortController()
  let running: Promise<void> | undefined
  return {
    start: () => {
      running ??= run(controller.signal)
    },
    stop: async () => {
      controller.abort()
      await running
    },
  }
}
