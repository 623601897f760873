import { describe, expect, test } from 'vitest'
import { wei } from '../../../core/units.ts'
import { maximise } from '../../../strategies/maximise.ts'

interface At {
  readonly amount: bigint
  readonly profitWei: ReturnType<typeof wei>
}

const counting = (profit: (amount: bigint) => bigint | undefined) => {
  const seen: bigint[] = []
  const evaluate = (amount: bigint): At | undefined => {
    seen.push(amount)
    const value = profit(amount)
    return value === undefined ? undefined : { amount, profitWei: wei(value) }
  }
  return { seen, evaluate }
}

const parabola = (peak: bigint) => (amount: bigint) => amount * (2n * peak - amount)

describe('maximise', () => {
  test('default: a rising profit is best at the end, found in two looks', () => {
    const { seen, evaluate } = counting((amount) => amount * 3n)
    expect(maximise(10n ** 12n, evaluate)!.amount).toBe(10n ** 12n)
    expect(seen).toHaveLength(2)
  })

  test.each([1_234_567_890_123n, 333n * 10n ** 18n, 5n * 10n ** 9n])(
    'behavior: a peak at %s is found to a millionth in few looks',
    (peak) => {
      const { seen, evaluate } = counting(parabola(peak))
      const best = maximise(peak * 1_000n, evaluate)!
      const off = Number(best.amount - peak) / Number(peak)
      expect(Math.abs(off)).toBeLessThan(1e-6)
      expect(seen.length).toBeLessThan(60)
    },
  )

  test('behavior: a peak before a cliff is found', () => {
    const { evaluate } = counting((amount) =>
      amount > 700_000n ? undefined : parabola(600_000n)(amount),
    )
    const best = maximise(10n ** 6n, evaluate)!
    expect(Number(best.amount)).toBeGreaterThan(599_990)
    expect(Number(best.amount)).toBeLessThan(600_010)
  })

  test('behavior: what still rises at a cliff is best at its edge', () => {
    const { evaluate } = counting((amount) => (amount > 777_777n ? undefined : amount))
    expect(Number(maximise(10n ** 6n, evaluate)!.amount)).toBeGreaterThan(777_000)
  })

  test('behavior: nothing to choose from is nothing', () => {
    expect(maximise(0n, counting((amount) => amount).evaluate)).toBeUndefined()
    expect(maximise(1_000n, counting(() => undefined).evaluate)).toBeUndefined()
    expect(maximise(1n, counting((amount) => amount).evaluate)!.amount).toBe(1n)
  })
})
