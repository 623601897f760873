import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../../core/errors.ts'
import { loadScenario } from '../../../sandbox/load-scenario.ts'
import { parseTape, withTapes } from '../../../sandbox/load-tape.ts'
import { usdAt } from '../../../sandbox/price-path.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-tape-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const minuteTape = (minutes: number): string =>
  [
    'open_time,open,close',
    ...Array.from({ length: minutes }, (_, n) => `${1_679_004_900 + 60 * n},1,${1_700 - n}`),
  ].join('\n')
const aFile = (text: string): string => {
  const file = join(folder, `${text.length}.csv`)
  writeFileSync(file, text)
  return file
}
const crash = loadScenario('crash')

describe('parseTape', () => {
  test('takes the columns by their names, seconds or milliseconds', () => {
    expect(parseTape('time,price\n1700000000000,5\n1700000060000,6\n', 'x')).toEqual([
      [1_700_000_000, 5],
      [1_700_000_060, 6],
    ])
  })

  test.each([
    ['a,b\n1,2\n', 'names a column of times'],
    ['time,price\n1,2\n1,3\n', 'line 3, "1,3"'],
    ['time,price\n1,2\n2,-3\n', 'line 3, "2,-3"'],
    ['time,price\n1,2\n2,x\n', 'line 3, "2,x"'],
    ['time,price\n1,2\n', 'fewer than two rows'],
  ])('error: ConfigError for %j', (text, why) => {
    expect(() => parseTape(text, 'x.csv')).toThrow(ConfigError)
    expect(() => parseTape(text, 'x.csv')).toThrow(why)
  })
})

describe('withTapes', () => {
  const file = aFile(minuteTape(30))

  test('prices are the tape’s, feeds follow them, and the rest is the scenario’s', () => {
    const taped = withTapes(crash, [{ asset: 'ETH', file }], { minutes: 10 })
    expect(usdAt(taped, 'ETH', 0)).toBe(1_700)
    expect(usdAt(taped, 'ETH', 90)).toBe(1_698.5)
    expect(usdAt(taped, 'ETH', 600)).toBe(1_690)
    expect(taped.oracles.ETH!.answers).toEqual([])
    expect(taped.lengthSec).toBe(600)
    expect(taped.prices.BTC).toEqual(crash.prices.BTC)
    expect(taped.expect).toEqual({ reverts: { max: 0 } })
  })

  test('begins where it is told, between two rows too', () => {
    const part = { fromSec: 1_679_004_900 + 330, minutes: 5 }
    const taped = withTapes(crash, [{ asset: 'ETH', file }], part)
    expect(usdAt(taped, 'ETH', 0)).toBeCloseTo(1_694.5, 9)
    expect(usdAt(taped, 'ETH', 300)).toBeCloseTo(1_689.5, 9)
  })

  test('error: ConfigError for an asset, a file or a part that is not there', () => {
    const of = (asset: string, path: string, minutes: number) => () =>
      withTapes(crash, [{ asset, file: path }], { minutes })
    expect(of('DOGE', file, 5)).toThrow('has no DOGE')
    expect(of('ETH', join(folder, 'none.csv'), 5)).toThrow('none.csv')
    expect(of('ETH', file, 31)).toThrow('is to be played')
  })
})
