import { readFileSync } from 'node:fs'
import { ConfigError, messageOf } from '../core/errors.ts'
import type { Path } from './price-path.ts'
import type { Scenario } from './scenario.ts'

/** Recorded prices of one asset: a CSV file with a column of times and one of prices, in order. */
export interface TapeFile {
  readonly asset: string
  readonly file: string
}

/** Which part of a tape is played. */
export interface TapePart {
  /** Unix time at which to begin; the tape's first row unless given. */
  readonly fromSec?: number | undefined
  readonly minutes: number
}

const timeColumns = ['open_time', 'time', 'timestamp', 'updated_at']
const priceColumns = ['close', 'price']
/** Times above this are milliseconds. */
const latestSec = 1e11

const invalid = (file: string, why: string): ConfigError =>
  new ConfigError('TAPE_INVALID', `Correct the tape ${file}: ${why}.`, { file })

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw invalid(file, messageOf(thrown))
  }
}

/** Returns `[unix seconds, price]` of a CSV text; throws ConfigError with the first row that is none. */
export const parseTape = (text: string, file: string): Path => {
  const [head = '', ...rows] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = head.split(',').map((name) => name.trim().toLowerCase())
  const timeAt = names.findIndex((name) => timeColumns.includes(name))
  const priceAt = names.findIndex((name) => priceColumns.includes(name))
  if (timeAt === -1 || priceAt === -1)
    throw invalid(
      file,
      `its first line names a column of times (${timeColumns.join(', ')}) and one of prices (${priceColumns.join(', ')}), not "${head}"`,
    )
  let lastSec = Number.NEGATIVE_INFINITY
  const path = rows.map((row, index): [number, number] => {
    const cells = row.split(',')
    const time = Number(cells[timeAt])
    const price = Number(cells[priceAt])
    const sec = time > latestSec ? time / 1000 : time
    if (!(sec > lastSec) || !(price > 0) || !Number.isFinite(price))
      throw invalid(
        file,
        `line ${index + 2}, "${row}", has no later time than the line before or no price above zero`,
      )
    lastSec = sec
    return [sec, price]
  })
  if (path.length < 2) throw invalid(file, 'it has fewer than two rows')
  return path
}

/**
 * Returns a scenario whose prices are a tape's for the assets that it has, whose feeds follow it by their threshold and
 * heartbeat, and that is as long as the part that is played; nothing but the absence of reverts is expected of it.
 */
export const withTapes = (
  scenario: Scenario,
  tapes: readonly TapeFile[],
  { fromSec, minutes }: TapePart,
): Scenario => {
  const prices = { ...scenario.prices }
  const oracles = { ...scenario.oracles }
  let beginSec = fromSec
  for (const { asset, file } of tapes) {
    const price = prices[asset]
    const oracle = oracles[asset]
    if (price === undefined || oracle === undefined)
      throw new ConfigError(
        'TAPE_ASSET_UNKNOWN',
        `Give --tape one of ${Object.keys(scenario.prices).join(', ')}=FILE; scenario "${scenario.name}" has no ${asset}.`,
        { asset },
      )
    const path = parseTape(textOf(file), file)
    beginSec ??= path[0]![0]
    const begin = beginSec
    const end = begin + minutes * 60
    // One point before and one behind, so that the path runs through both ends.
    const first = Math.max(
      0,
      path.findLastIndex(([sec]) => sec <= begin),
    )
    const last = path.findIndex(([sec]) => sec >= end)
    if (last === -1 || path[first]![0] > begin)
      throw invalid(
        file,
        `it goes from ${path[0]![0]} to ${path.at(-1)![0]}, and ${begin} to ${end} is to be played`,
      )
    prices[asset] = {
      ...price,
      usd: path.slice(first, last + 1).map(([sec, usd]): [number, number] => [sec - begin, usd]),
    }
    oracles[asset] = { ...oracle, answers: [] }
  }
  return {
    ...scenario,
    name: `${scenario.name}, by tape`,
    lengthSec: minutes * 60,
    prices,
    oracles,
    expect: { reverts: { max: 0 } },
  }
}
