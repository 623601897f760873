import { ConfigError } from '../core/errors.ts'
import type { Scenario } from './scenario.ts'

/** Points `[seconds since the start, value]`, in order, joined by straight lines and flat beyond both ends. */
export type Path = readonly (readonly [number, number])[]

/** Returns the value of a path at a time in seconds since the scenario's start. */
export const valueAt = (path: Path, sec: number): number => {
  const next = path.findIndex(([atSec]) => atSec > sec)
  if (next === 0) return path[0]![1]
  if (next === -1) return path[path.length - 1]![1]
  const [fromSec, from] = path[next - 1]!
  const [toSec, to] = path[next]!
  return from + ((to - from) * (sec - fromSec)) / (toSec - fromSec)
}

/** Returns the dollars that an asset is worth at a time; throws ConfigError for an asset without a path. */
export const usdAt = (scenario: Scenario, asset: string, sec: number): number => {
  const price = scenario.prices[asset]
  if (price) return valueAt(price.usd, sec)
  throw new ConfigError(
    'SCENARIO_PRICE_MISSING',
    `Add a price path for "${asset}" to scenario "${scenario.name}"; it has ${Object.keys(scenario.prices).join(', ')}.`,
  )
}

/** FNV-1a over the text, then the finalizer of MurmurHash3: 32 bits without visible pattern between neighbours. */
const hash = (text: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Returns a number in (0, 1) that depends on nothing but its key. */
export const uniform = (...key: readonly (string | number)[]): number =>
  (hash(key.join('|')) + 0.5) / 2 ** 32

/** A sandbox without fat tails: beyond this many standard deviations noise is cut. */
const mostDeviations = 3

/** Returns standard normal noise, cut at three deviations, that depends on nothing but its key (Box-Muller). */
export const noise = (...key: readonly (string | number)[]): number => {
  const radius = Math.sqrt(-2 * Math.log(uniform(...key, 'r')))
  const normal = radius * Math.cos(2 * Math.PI * uniform(...key, 'a'))
  return Math.max(-mostDeviations, Math.min(mostDeviations, normal))
}
