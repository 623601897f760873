import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { ConfigError } from '../../../core/errors.ts'
import { parseScenario, shippedScenario } from '../../../sandbox/load-scenario.ts'

const crash = readFileSync(shippedScenario('crash'), 'utf8')

/** The crash scenario with a value put where the dotted path leads. */
const crashWith = (path: string, value: unknown): string => {
  const scenario = parse(crash)
  const keys = path.split('.')
  const last = keys.pop()!
  keys.reduce((inner, key) => inner[key], scenario)[last] = value
  return stringify(scenario)
}

const faultsOf = (text: string): readonly string[] => {
  try {
    parseScenario(text)
    return []
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.data.faults as readonly string[]
    throw thrown
  }
}

describe('parseScenario', () => {
  test('takes what ships', () => {
    expect(parseScenario(crash).name).toBe('crash')
    expect(faultsOf(readFileSync(shippedScenario('calm'), 'utf8'))).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['expect.netOverBruteForce', { atLeast: '0.2' }, 'expect.netOverBruteForce.atLeast'],
    ['expect.netOverBruteForce', { min: 0.2 }, 'expect.netOverBruteForce'],
    ['expect.netOverBruteForce', {}, 'expect.netOverBruteForce.atLeast'],
    ['oracles.ETH.visibility', 'late', 'oracles.ETH.visibility'],
    ['oracles.ETH.leadSec', 0, 'oracles.ETH.leadSec'],
    ['oracles.ETH.leadSec', 12, 'oracles.ETH.leadSec: must be below chain.blockTimeSec, 12'],
    ['oracles.ETH.private', true, 'oracles.ETH'],
  ])('refuses %s: %j', (path, value, fault) => {
    const faults = faultsOf(crashWith(path, value))
    expect(faults.join('; ')).toContain(fault)
  })

  test('reports are public unless told otherwise', () => {
    expect(parseScenario(crash).oracles.ETH).toMatchObject({ visibility: 'public' })
    const text = crashWith('oracles.ETH', { visibility: 'private', leadSec: 1 })
    expect(parseScenario(text).oracles.ETH).toMatchObject({ visibility: 'private', leadSec: 1 })
  })

  test('takes what is asked of net over brute force', () => {
    const text = crashWith('expect.netOverBruteForce', { atLeast: 0.1 })
    expect(parseScenario(text).expect.netOverBruteForce).toEqual({ atLeast: 0.1 })
  })
})
