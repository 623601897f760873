import { describe, expect, test } from 'vitest'
import type { LandedLiquidation } from '../../../sandbox/chain-record.ts'
import type { JudgedPosition } from '../../../sandbox/judge/judge.ts'
import { scoreOf } from '../../../sandbox/judge/score.ts'

const alice = '0x00000000000000000000000000000000000a11ce'
const aPosition = (block: number, profitWei: bigint): JudgedPosition => ({
  account: alice,
  collateral: alice,
  debt: alice,
  repayRaw: 1n,
  block,
  profitWei,
  netWei: 0n,
})
const aLiquidation = (block: number, profitWei: bigint, bidWei: bigint): LandedLiquidation =>
  ({
    account: alice.toUpperCase().replace('X', 'x'),
    block,
    profitWei,
    bidWei,
  }) as LandedLiquidation

describe('scoreOf', () => {
  test('what is kept is what was captured, less the bids and the gas of the same blocks', () => {
    const score = scoreOf([7, 9], [aPosition(7, 100n), aPosition(9, 50n)], {
      // Block 8 holds no update: what lands there counts nowhere.
      liquidations: [aLiquidation(7, 90n, 60n), aLiquidation(8, 1_000n, 1n)],
      // In block 9 a transaction reverted.
      gasCostsWei: new Map([
        [7, 5n],
        [8, 5n],
        [9, 3n],
      ]),
    })
    expect(score).toMatchObject({
      bruteForceWei: 150n,
      capturedWei: 90n,
      keptWei: 22n,
      byBlock: [
        { block: 7, profitWei: 100n, capturedWei: 90n, keptWei: 25n },
        { block: 9, profitWei: 50n, capturedWei: 0n, keptWei: -3n },
      ],
    })
    expect(score.taken.map(({ block }) => block)).toEqual([7])
    expect(score.missed.map(({ block }) => block)).toEqual([9])
  })
})
