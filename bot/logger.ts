import { type Logger, pino } from 'pino'

/** Creates the program's log: JSON lines on stderr, or as a person reads them when stderr is a terminal. */
export const createLogger = (level: string, isTerminal: boolean): Logger =>
  pino(
    { level, base: {} },
    isTerminal
      ? pino.transport({
          target: 'pino-pretty',
          options: { destination: 2, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' },
        })
      : pino.destination({ dest: 2, sync: false }),
  )
