import { expect, test } from 'vitest'
import { createNodeClient } from '../../bot/node-client.ts'
import { createReceiptTracker } from '../../execution/receipts.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import { aBundle } from '../support/a-bundle.ts'
import { answering, aRelay } from '../support/a-relay.ts'

const txHash = `0x${'aa'.repeat(32)}` as const

const linesFor = async (origin: string): Promise<readonly string[]> => {
  const lines: string[] = []
  const rpc = createRpc({ urls: [`${origin}/v2/canary`], chainId: 1, deadlineMs: 150 })
  const tracker = createReceiptTracker({
    client: createNodeClient(rpc),
    executor: '0x00000000000000000000000000000000000e0ec0',
    timeoutMs: 400,
    log: (line) => lines.push(line),
  })
  tracker.watch(aBundle({ targetBlock: 101 }), [{ intent: 'intent-0', txHash, rawTx: '0x02' }])
  await tracker.collect({ number: 101 })
  return lines
}

test.each([
  ['429', answering({ error: { code: -32005, message: 'slow down' } }, 429)],
  ['500', { status: 500, body: 'oops' }],
  ['no JSON', { status: 200, body: '<html>' }],
  ['a cut connection', 'cut'],
  ['silence', 'silent'],
] as const)('a key in the address of the node is in no line of the log: %s', async (_, manner) => {
  const node = await aRelay(manner)
  const lines = await linesFor(node.url)
  expect(lines).toHaveLength(1)
  expect(lines.join()).not.toContain('canary')
})

test('nor is it when nobody listens', async () => {
  const lines = await linesFor('http://127.0.0.1:1')
  expect(lines).toHaveLength(1)
  expect(lines.join()).not.toContain('canary')
})
