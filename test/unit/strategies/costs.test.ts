import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { gas, wei } from '../../../core/units.ts'
import { bidBpsOf, bidWeiOf } from '../../../strategies/bidding.ts'
import { gasPriceWei, maxFeePerGasWei, nextBaseFeeWei } from '../../../strategies/fees.ts'
import {
  EXPECTED_TX_GAS,
  expectedItemGas,
  expectedTokenGas,
  gasLimitOf,
  MAX_TX_GAS,
} from '../../../strategies/gas.ts'
import { operatorBudget } from '../../../strategies/operator-budget.ts'
import { aHead } from '../../support/a-book.ts'

const ether = (amount: number) => wei(BigInt(Math.round(amount * 1e9)) * 10n ** 9n)
const gwei = 10n ** 9n

describe('nextBaseFeeWei', () => {
  const of = (baseFee: bigint, used: bigint): bigint =>
    nextBaseFeeWei(aHead({ baseFeeWei: wei(baseFee), gasUsed: gas(used) }))

  test('default: it follows the block as EIP-1559 says', () => {
    expect(of(20n * gwei, 15_000_000n)).toBe(20n * gwei)
    expect(of(20n * gwei, 30_000_000n)).toBe(22_500_000_000n)
    expect(of(20n * gwei, 0n)).toBe(17_500_000_000n)
  })

  test('behavior: a full block raises even the smallest fee by one', () => {
    expect(of(7n, 30_000_000n)).toBe(8n)
  })

  test('behavior: the cap lies above whatever the next block may ask, by an eighth', () => {
    for (const baseFee of [1n, 7n, 20n * gwei, 333n * gwei]) {
      const head = aHead({ baseFeeWei: wei(baseFee), gasUsed: gas(30_000_000n) })
      const cap = maxFeePerGasWei(head)
      expect(cap).toBeGreaterThan(nextBaseFeeWei(head))
      expect(Number(cap)).toBeLessThanOrEqual(Number(baseFee) * 1.125 * 1.125 + 4)
      expect(gasPriceWei(head)).toBe(nextBaseFeeWei(head) + 1n)
    }
  })
})

describe('bidBpsOf', () => {
  const params = { bidBps: 7300, minBidGwei: 20_000 }

  test('default: its share of what gas leaves', () => {
    expect(bidBpsOf(ether(1), ether(0), params)).toBe(7300)
    expect(bidBpsOf(ether(1), ether(0.5), params)).toBe(3650)
  })

  test('behavior: never less than the floor, never nearly all', () => {
    expect(bidBpsOf(ether(0.0001), ether(0.0001), params)).toBe(2000)
    expect(bidBpsOf(ether(0.00001), ether(0), params)).toBe(9700)
    expect(bidBpsOf(wei(0n), ether(0), params)).toBe(0)
  })

  test('behavior: the bid of an item is rounded down, as the executor does', () => {
    expect(bidWeiOf(wei(9_999n), bidBpsOf(ether(1), ether(0), params))).toBe(7_299n)
  })
})

describe('gas', () => {
  const measured: Readonly<Record<string, number>> = JSON.parse(
    readFileSync(new URL('../../../contracts/gas.json', import.meta.url), 'utf8'),
  )
  const modelled = [
    { name: 'WETH for USDC, one pool', hops: [1], tokens: 2 },
    { name: 'WETH for USDT, one pool', hops: [1], tokens: 2 },
    { name: 'WETH for USDC and WETH for USDT', hops: [1, 1], tokens: 3 },
    { name: 'WETH for USDC of ten accounts', hops: Array(10).fill(1), tokens: 2 },
    { name: 'WBTC for USDC, two pools and a sale', hops: [3], tokens: 2 },
    { name: 'LINK for USDT, two pools and a sale', hops: [3], tokens: 2 },
  ]

  test.each(modelled)('behavior: $name is expected within 8 % and limited with room', (it) => {
    const actual = measured[it.name]!
    const expected = it.hops.reduce(
      (sum: bigint, hops: number) => sum + expectedItemGas(hops, 0),
      0n,
    )
    const cold = expectedTokenGas(it.tokens)
    expect(Math.abs(Number(expected + cold + EXPECTED_TX_GAS) / actual - 1)).toBeLessThan(0.08)
    const limit = gasLimitOf(gas(expected + cold + EXPECTED_TX_GAS))
    expect(Number(limit)).toBeGreaterThan(1.4 * actual)
  })

  test('behavior: twenty-five items of two hops fit under the cap of a transaction', () => {
    const expected = 25n * expectedItemGas(2, 0) + expectedTokenGas(6) + EXPECTED_TX_GAS
    expect(gasLimitOf(gas(expected))).toBeLessThan(MAX_TX_GAS)
  })

  test('behavior: ticks cost gas', () => {
    expect(expectedItemGas(1, 3)).toBe(expectedItemGas(1, 0) + 75_000n)
    expect(expectedItemGas(2, 0)).toBeGreaterThan(expectedItemGas(1, 0))
  })
})

describe('operatorBudget', () => {
  const operatorsOf = (...balances: readonly number[]) =>
    balances.map((balance, index) => ({
      address: `0x${(index + 1).toString(16).padStart(40, '0')}` as const,
      nonce: 0,
      balanceWei: ether(balance),
    }))
  const price = wei(100n * gwei)

  test('default: every operator that can pay for a full transaction', () => {
    expect(operatorBudget(operatorsOf(10, 10, 10), price)).toEqual({
      plans: 3,
      gasLimit: MAX_TX_GAS,
    })
  })

  test('behavior: a poor one does not make the others poor', () => {
    expect(operatorBudget(operatorsOf(0.05, 10, 10), price)).toEqual({
      plans: 2,
      gasLimit: MAX_TX_GAS,
    })
  })

  test('behavior: many poor ones make many small transactions', () => {
    expect(operatorBudget(operatorsOf(0.2, 0.2, 0.2), price)).toEqual({
      plans: 3,
      gasLimit: 2_000_000n,
    })
  })

  test('behavior: nobody or no money is no transaction', () => {
    expect(operatorBudget([], price).plans).toBe(0)
    expect(operatorBudget(operatorsOf(0, 0), price).plans).toBe(0)
  })
})
