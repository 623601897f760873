import { encodeAbiParameters, encodeEventTopics, keccak256, parseAbi, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../core/errors.ts'
import type { Hex } from '../../../core/types/chain.ts'
import {
  decodePoolCreated,
  decodePoolLog,
  poolCreatedTopic,
  poolTopics,
} from '../../../venues/uniswap-v3/decode.ts'

const abi = parseAbi([
  'event Initialize(uint160 sqrtPriceX96, int24 tick)',
  'event Mint(address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)',
  'event Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
  'event PoolCreated(address indexed token0, address indexed token1, uint24 indexed fee, int24 tickSpacing, address pool)',
  'event Collect(address indexed owner, address recipient, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount0, uint128 amount1)',
])
const pool = '0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640'
const alice = '0x00000000000000000000000000000000000a11ce'

type Name = (typeof abi)[number]['name']

const aLog = (eventName: Name, args: Readonly<Record<string, unknown>>) => {
  const inputs = abi.find(({ name }) => name === eventName)!.inputs
  const plain = inputs.filter((input) => !('indexed' in input && input.indexed))
  return {
    address: pool,
    topics: encodeEventTopics({ abi, eventName, args } as never) as readonly Hex[],
    data: encodeAbiParameters(
      plain,
      plain.map(({ name }) => args[name!]),
    ),
  } as const
}

describe('decodePoolLog', () => {
  test('default: a swap gives price, tick and liquidity', () => {
    const log = aLog('Swap', {
      sender: alice,
      recipient: alice,
      amount0: -5n,
      amount1: 7n,
      sqrtPriceX96: 2n ** 100n,
      liquidity: 10n ** 20n,
      tick: -276_324,
    })
    expect(decodePoolLog(log)).toEqual([
      {
        type: 'pool/price',
        pool: pool.toLowerCase(),
        sqrtPriceX96: 2n ** 100n,
        tick: -276_324,
        liquidity: 10n ** 20n,
      },
    ])
  })

  test('behavior: the first price comes without liquidity', () => {
    const [change] = decodePoolLog(aLog('Initialize', { sqrtPriceX96: 3n, tick: 887_271 }))
    expect(change).toEqual({
      type: 'pool/price',
      pool: pool.toLowerCase(),
      sqrtPriceX96: 3n,
      tick: 887_271,
    })
  })

  test('behavior: a mint adds liquidity, a burn takes it, and a burn of nothing is nothing', () => {
    const range = { owner: alice, tickLower: -60, tickUpper: 120, amount0: 1n, amount1: 2n }
    const expected = {
      type: 'pool/liquidity',
      pool: pool.toLowerCase(),
      tickLower: -60,
      tickUpper: 120,
    }
    expect(decodePoolLog(aLog('Mint', { ...range, sender: alice, amount: 9n }))).toEqual([
      { ...expected, delta: 9n },
    ])
    expect(decodePoolLog(aLog('Burn', { ...range, amount: 9n }))).toEqual([
      { ...expected, delta: -9n },
    ])
    expect(decodePoolLog(aLog('Burn', { ...range, amount: 0n }))).toEqual([])
  })

  test('behavior: logs that change no quote are passed over', () => {
    const log = aLog('Collect', {
      owner: alice,
      recipient: alice,
      tickLower: 0,
      tickUpper: 60,
      amount0: 1n,
      amount1: 1n,
    })
    expect(poolTopics).not.toContain(log.topics[0])
    expect(decodePoolLog(log)).toEqual([])
  })

  test('error: ProtocolError for a log that was cut', () => {
    const log = aLog('Initialize', { sqrtPriceX96: 3n, tick: 1 })
    expect(() => decodePoolLog({ ...log, data: log.data.slice(0, -2) as Hex })).toThrow(
      ProtocolError,
    )
    expect(() => decodePoolLog({ ...log, topics: [...log.topics, log.topics[0]!] })).toThrow(
      ProtocolError,
    )
  })
})

describe('decodePoolCreated', () => {
  const log = aLog('PoolCreated', {
    token0: alice,
    token1: pool,
    fee: 3_000,
    tickSpacing: 60,
    pool,
  })

  test('default: the key of the pool', () => {
    expect(decodePoolCreated(log)).toEqual({
      address: pool.toLowerCase(),
      token0: alice,
      token1: pool.toLowerCase(),
      feePips: 3_000,
      tickSpacing: 60,
    })
  })

  test('error: ProtocolError for any other log', () => {
    expect(log.topics[0]).toBe(poolCreatedTopic)
    expect(() =>
      decodePoolCreated({ ...log, topics: [keccak256(toHex('x')), ...log.topics.slice(1)] }),
    ).toThrow(ProtocolError)
  })
})
