import { type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem'
import { describe, expect, test } from 'vitest'
import { TransientError } from '../../../core/errors.ts'
import type { Hex } from '../../../core/types/chain.ts'
import { createReceiptTracker } from '../../../execution/receipts.ts'
import { aBundle } from '../../support/a-bundle.ts'

const txHash: Hex = `0x${'aa'.repeat(32)}`
const blockHash = (tag: string): Hex => `0x${tag.repeat(32)}`

/** A node of which the test says what it holds; viem's client has the same two methods. */
const aNode = () => {
  const node = {
    mined: undefined as { readonly block: bigint; readonly hash: Hex } | undefined,
    canonical: blockHash('b1'),
    answer: async (): Promise<void> => {},
    asked: 0,
  }
  const client = {
    getTransactionReceipt: async ({ hash }: { hash: Hex }) => {
      node.asked += 1
      await node.answer()
      if (node.mined === undefined) throw new TransactionReceiptNotFoundError({ hash })
      return {
        blockNumber: node.mined.block,
        blockHash: node.mined.hash,
        transactionIndex: 1,
        status: 'success',
        gasUsed: 500_000n,
        effectiveGasPrice: 20n,
        logs: [],
      } as unknown as TransactionReceipt
    },
    getBlock: async () => ({
      hash: node.canonical,
      miner: '0x00000000000000000000000000000000000000cb',
    }),
  } as unknown as Parameters<typeof createReceiptTracker>[0]['client']
  return { node, client }
}

const aTracker = () => {
  const { node, client } = aNode()
  const lines: string[] = []
  const tracker = createReceiptTracker({
    client,
    executor: '0x00000000000000000000000000000000000e0ec0',
    timeoutMs: 40,
    log: (line) => lines.push(line),
  })
  tracker.watch(aBundle({ targetBlock: 101 }), [{ intent: 'intent-0', txHash, rawTx: '0x02' }])
  const collect = (number: number) => tracker.collect({ number })
  return { node, collect, lines, reconsider: tracker.reconsider }
}

describe('createReceiptTracker', () => {
  test('nobody is asked before the target block', async () => {
    const { node, collect } = aTracker()
    expect(await collect(100)).toEqual([])
    expect(node.asked).toBe(0)
  })

  test('a receipt is told once', async () => {
    const { node, collect } = aTracker()
    node.mined = { block: 101n, hash: blockHash('b1') }
    expect(await collect(101)).toMatchObject([
      { intent: 'intent-0', txHash, block: 101, status: 'success', gasUsed: 500_000n },
    ])
    expect(await collect(102)).toEqual([])
  })

  test('behavior: a receipt of a block that is not canonical is none', async () => {
    const { node, collect } = aTracker()
    node.mined = { block: 101n, hash: blockHash('b2') }
    expect(await collect(101)).toEqual([])
    node.canonical = blockHash('b2')
    expect(await collect(102)).toHaveLength(1)
  })

  test('behavior: after a reorg the new receipt is told again', async () => {
    const { node, collect } = aTracker()
    node.mined = { block: 101n, hash: blockHash('b1') }
    expect(await collect(101)).toHaveLength(1)
    node.mined = { block: 102n, hash: blockHash('b3') }
    node.canonical = blockHash('b3')
    expect(await collect(102)).toMatchObject([{ block: 102 }])
  })

  test('behavior: two blocks after its target a transaction is not looked for any more', async () => {
    const { node, collect } = aTracker()
    for (const head of [101, 102, 103]) await collect(head)
    expect(node.asked).toBe(3)
    await collect(104)
    expect(node.asked).toBe(3)
  })

  test('behavior: a reorg has it looked for anew, however late, for 64 blocks', async () => {
    const { node, collect, reconsider } = aTracker()
    node.mined = { block: 101n, hash: blockHash('b1') }
    expect(await collect(101)).toHaveLength(1)
    for (const head of [102, 103, 110]) expect(await collect(head)).toEqual([])
    node.mined = { block: 105n, hash: blockHash('b4') }
    node.canonical = blockHash('b4')
    expect(await collect(111)).toEqual([])
    reconsider()
    expect(await collect(112)).toMatchObject([{ block: 105 }])
    await collect(166)
    reconsider()
    const { asked } = node
    await collect(167)
    expect(node.asked).toBe(asked)
  })

  test('behavior: a node that hangs is waited for no longer than the time-out, and asked again', async () => {
    const { node, collect, lines } = aTracker()
    node.mined = { block: 101n, hash: blockHash('b1') }
    let release = (): void => {}
    node.answer = () =>
      new Promise((resolve) => {
        release = resolve
      })
    const beganMs = performance.now()
    expect(await collect(101)).toEqual([])
    expect(performance.now() - beganMs).toBeLessThan(200)
    expect(lines).toHaveLength(1)
    release()
    await new Promise((resolve) => setTimeout(resolve, 5))
    node.answer = async () => {}
    expect(await collect(102)).toHaveLength(1)
  })

  test('behavior: a node that fails is told of, and asked again however late', async () => {
    const { node, collect, lines } = aTracker()
    node.answer = async () => {
      throw new TransientError('X', 'node is down')
    }
    for (const head of [101, 102, 103, 104]) expect(await collect(head)).toEqual([])
    expect(lines[0]).toContain('node is down')
    node.answer = async () => {}
    node.mined = { block: 101n, hash: blockHash('b1') }
    expect(await collect(105)).toHaveLength(1)
  })
})
