import { describe, expect, test } from 'vitest'
import { loadScenario } from '../../../sandbox/load-scenario.ts'
import { usdAt } from '../../../sandbox/price-path.ts'
import { rebase } from '../../../sandbox/rebase.ts'

const crash = loadScenario('crash')
const head = { number: 21_000_000, timestampSec: 1_730_000_000 }

describe('rebase', () => {
  const rebased = rebase(crash, new Map([['ETH', 3_410.12]]), head)

  test('times count from the block after the head', () => {
    expect(rebased.chain).toEqual({
      ...crash.chain,
      startSec: 1_730_000_012,
      firstBlock: 21_000_001,
    })
  })

  test('prices and answers begin where the feed stands and move by the same parts', () => {
    const factor = 3_410.12 / 1_705.06
    for (const sec of [0, 200, 420, 600])
      expect(usdAt(rebased, 'ETH', sec)).toBeCloseTo(usdAt(crash, 'ETH', sec) * factor, 6)
    expect(rebased.oracles.ETH!.answers).toEqual(
      crash.oracles.ETH!.answers.map(([sec, usd]) => [sec, usd * factor]),
    )
    // Of whom nothing was read, prices stay.
    expect(rebased.prices.BTC).toEqual(crash.prices.BTC)
  })

  test('what the chain has itself is left out, and so is what nobody judges', () => {
    expect(rebased.positions.count).toBe(0)
    expect(rebased.pools.some(({ follows }) => follows)).toBe(false)
    expect(rebased.expect.capturedOverBruteForce).toBeUndefined()
    expect(rebased.expect.reverts).toEqual(crash.expect.reverts)
  })
})
