import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gas, wei } from '../../core/units.ts'
import { gasToward } from '../../sandbox/builders/demand.ts'
import { nextBaseFeeWei } from '../../sandbox/node/base-fee.ts'
import { nextBaseFeeWei as plannedBaseFeeWei } from '../../strategies/fees.ts'
import { aHead } from '../support/a-book.ts'

const limits = fc.bigInt(1_000_000n, 60_000_000n)
const fees = fc.bigInt(0n, 10n ** 13n)

describe('the base fee', () => {
  test('of the sandbox is the one that strategies plan with', () => {
    fc.assert(
      fc.property(fees, limits, fc.double({ min: 0, max: 1, noNaN: true }), (fee, limit, full) => {
        const used = BigInt(Math.floor(Number(limit) * full))
        const head = aHead({ baseFeeWei: wei(fee), gasUsed: gas(used), gasLimit: gas(limit) })
        const header = { baseFeeWei: fee, gasUsed: used, gasLimit: limit }
        expect(nextBaseFeeWei(header)).toBe(plannedBaseFeeWei(head) as bigint)
      }),
    )
  })

  test('that demand drives comes as near to the wanted one as EIP-1559 lets it, never above a full block', () => {
    fc.assert(
      fc.property(
        fc.bigInt(10n ** 6n, 10n ** 13n),
        limits,
        fees,
        (baseFeeWei, limit, wantedWei) => {
          const gasLimit = limit - (limit % 2n)
          const gasUsed = gasToward({ baseFeeWei, gasLimit }, wantedWei)
          expect(gasUsed >= 0n && gasUsed <= gasLimit).toBe(true)
          const stepWei = baseFeeWei / 8n
          const [leastWei, mostWei] = [baseFeeWei - stepWei, baseFeeWei + stepWei]
          const nearestWei =
            wantedWei < leastWei ? leastWei : wantedWei > mostWei ? mostWei : wantedWei
          const next = nextBaseFeeWei({ baseFeeWei, gasUsed, gasLimit })
          const missedWei = next > nearestWei ? next - nearestWei : nearestWei - next
          // One unit of gas more or less is a step of the fee.
          expect(missedWei).toBeLessThanOrEqual(baseFeeWei / (4n * gasLimit) + 1n)
        },
      ),
    )
  })
})
