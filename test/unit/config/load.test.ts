import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../config/load.ts'
import { didYouMean } from '../../../core/did-you-mean.ts'
import { ConfigError } from '../../../core/errors.ts'

const textOf = (name: string) =>
  readFileSync(new URL(`../../../config/${name}.yaml`, import.meta.url), 'utf8')
const endpoints = { BAILIFF_RPC_HTTP: 'http://127.0.0.1:1', BAILIFF_RPC_WS: 'ws://127.0.0.1:1' }

const faultsOf = (
  text: string,
  environment: Record<string, string> = endpoints,
): readonly string[] => {
  try {
    parseConfig(text, environment)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).data.faults as readonly string[]
  }
}

describe('parseConfig', () => {
  test('mainnet watches without a key', () => {
    const config = parseConfig(textOf('mainnet'), endpoints)
    expect(config.mode).toBe('watch')
    expect(config.keys).toEqual({})
    expect(config.strategies['oracle-backrun']).toMatchObject({ enabled: true, bidBps: 7300 })
  })

  test('live needs executor, keys and builders, and says so at once', () => {
    expect(faultsOf(textOf('mainnet').replace('mode: watch', 'mode: live'))).toEqual([
      "executor: mode live needs the Executor contract's address",
      'keys.operators: mode live needs at least one operator key',
      'keys.auth: mode live needs a key to sign requests to builders',
    ])
  })

  test('sandbox names what the environment lacks', () => {
    expect(faultsOf(textOf('sandbox'), { ...endpoints, BAILIFF_DATA_DIR: 'x' })).toContain(
      'keys.operators: environment variable BAILIFF_OPERATOR_KEYS is not set; set it',
    )
  })

  test.each([
    [
      'strategies:\n  oracle-backrum: {}',
      'strategies.oracle-backrum: unknown key; did you mean "oracle-backrun"?',
    ],
    ['guard:\n  maxPlanUsd: -1', 'guard.maxPlanUsd'],
    ['strategies:\n  oracle-backrun: { bidBps: 12000 }', 'strategies.oracle-backrun.bidBps'],
    ['fairPrice: { quorum: two }', 'fairPrice.quorum'],
  ])('finds the fault of %j', (addition, fault) => {
    const base = textOf('mainnet').replace(/^strategies:\n(?: .*\n)+/m, '')
    expect(faultsOf(`${base}\n${addition}\n`).some((found) => found.startsWith(fault))).toBe(true)
  })

  test('what is no YAML is told with its line', () => {
    expect(faultsOf('mode: watch\n  chain: [')[0]).toMatch(/line \d+/)
  })
})

describe('didYouMean', () => {
  test('only what is near', () => {
    expect(didYouMean('stratgies', ['strategies', 'guard'])).toBe('strategies')
    expect(didYouMean('zzz', ['strategies', 'guard'])).toBeUndefined()
  })
})
