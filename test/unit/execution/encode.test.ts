import { decodeFunctionData } from 'viem'
import { describe, expect, test } from 'vitest'
import { executorAbi } from '../../../contracts/generated/executor.ts'
import { bps, raw, wei } from '../../../core/units.ts'
import { encodeIntent, hopWord } from '../../../execution/encode.ts'
import { alice, anIntent, anItem, aPlan } from '../../support/a-bundle.ts'

const pool = '0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640'
const other = '0x8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8'

describe('hopWord', () => {
  test('the pool stands in the low 160 bits, the direction in the highest', () => {
    expect(hopWord({ pool, zeroForOne: false }).toString(16)).toBe(pool.slice(2).toLowerCase())
    expect(hopWord({ pool, zeroForOne: true }) - (1n << 255n)).toBe(BigInt(pool))
  })
})

describe('encodeIntent', () => {
  test('the executor reads back what was planned', () => {
    const plan = aPlan({
      items: [
        anItem({
          repayRaw: raw(123n),
          route: [
            { pool, zeroForOne: true },
            { pool: other, zeroForOne: false },
          ],
          settle: [{ pool: other, zeroForOne: true }],
        }),
        anItem({ account: '0x000000000000000000000000000000000000Bb0B' }),
      ],
      bidBps: bps(9_000),
      minProfitWei: wei(5n),
    })
    const data = encodeIntent(anIntent({ plan, deadlineBlock: 77 }))
    const { functionName, args } = decodeFunctionData({ abi: executorAbi, data })
    expect(functionName).toBe('execute')
    const [items, ...rest] = args as readonly [
      readonly { readonly account: string }[],
      ...(readonly bigint[]),
    ]
    expect(rest).toEqual([9_000n, 5n, 77n])
    const [first] = items
    expect(first).toMatchObject({
      repay: 123n,
      route: [BigInt(pool) + (1n << 255n), BigInt(other)],
      settle: [BigInt(other) + (1n << 255n)],
    })
    expect(first?.account.toLowerCase()).toBe(alice)
  })

  test('calldata of one item', () => {
    expect(encodeIntent(anIntent())).toMatchInlineSnapshot(
      `"0x36f8be1e00000000000000000000000000000000000000000000000000000000000000800000000000000000000000000000000000000000000000000000000000001c84000000000000000000000000000000000000000000000000002386f26fc1000000000000000000000000000000000000000000000000000000000000000000650000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000a11ce000000000000000000000000c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2000000000000000000000000a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48000000000000000000000000000000000000000000000000000000003b9aca0000000000000000000000000000000000000000000000000000000000000000c00000000000000000000000000000000000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000100000000000000000000000088e6a0c2ddd26feeb64f039a2c41296fcb3f56400000000000000000000000000000000000000000000000000000000000000000"`,
    )
  })
})
