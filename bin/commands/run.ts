import { createLogger } from '../../bot/logger.ts'
import { readConfig } from '../../bot/read-config.ts'
import { startBot } from '../../bot/start-bot.ts'
import type { Event } from '../../core/types/event.ts'

interface RunOptions {
  readonly config: string
  readonly acceptNewJournal: boolean
}

/** Resolves once the signal aborts, or at once when it has. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Runs the bot until it is interrupted; a parent process that listens is told when the book is synced. */
export const runBotCommand = async (options: RunOptions, signal: AbortSignal): Promise<number> => {
  const config = readConfig(options.config, process.env)
  const logger = createLogger(config.log.level, process.stderr.isTTY === true)
  const onEvent = (event: Event): void => {
    if (event.type !== 'synced') return
    logger.info(`synced to block ${event.head.number}, mode ${config.mode}`)
    process.send?.({ synced: event.head.number })
  }
  const bot = await startBot({
    config,
    path: process.env.PATH ?? '',
    acceptNewJournal: options.acceptNewJournal,
    log: {
      info: (text) => logger.info(text),
      warn: (text) => logger.warn(text),
      error: (text) => logger.error(text),
    },
    onEvent,
  })
  // A parent that is gone leaves nobody to stop us.
  const orphaned = new Promise<void>((resolve) => {
    if (process.send) process.once('disconnect', resolve)
  })
  try {
    await Promise.race([aborted(signal), bot.died, orphaned])
  } finally {
    await bot.stop()
    // The channel to a parent would keep this process alive.
    if (process.connected) process.disconnect()
  }
  return 0
}
