import { z } from 'zod'
import { ConfigError } from '../core/errors.ts'
import type { ClockSettings } from './clock.ts'

const schema = z.strictObject({
  originMs: z.number(),
  wallOriginMs: z.number(),
  rate: z.number().positive(),
})

/** Returns the clock that a configuration describes as JSON, none for real time; throws ConfigError for anything else. */
export const parseClock = (text: string | undefined): ClockSettings | undefined => {
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text)) as ClockSettings
  } catch (error) {
    throw new ConfigError(
      'CLOCK_INVALID',
      `Set chain.clock to JSON as {"originMs": 0, "wallOriginMs": 0, "rate": 12}, or leave it out for real time; it is ${text}.`,
      { text },
      { cause: error },
    )
  }
}
