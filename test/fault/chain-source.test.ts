import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../core/types/event.ts'
import { aFollowedWorld } from '../support/a-followed-world.ts'
import { eventually } from '../support/a-websocket-server.ts'

const { hand, node, follow, synced, expectUnbroken, expectAsAnew } = aFollowedWorld()

describe('F01, F03 nodes that do not answer', () => {
  test('all refused: told once, nothing missed when it is back', async () => {
    const it = await synced()
    node().faults.refuse = true
    node().cut()
    await hand().trade()
    const head = await hand().mine(5)
    await eventually(() => it.status().at(-1) === 'down', 'the source to be down', 2_000)
    await new Promise((wake) => setTimeout(wake, 500))
    expect(it.book.head!.number).toBeLessThan(head)
    node().heal()
    await it.reaches(head, 8_000)
    expect(it.status()).toEqual(['up', 'down', 'up'])
    expect(it.count('reorg')).toBe(0)
    expectUnbroken(it)
    await expectAsAnew(it)
  })

  test('a black hole: deadlines hold and requests do not pile up', async () => {
    const it = await synced({ deadlineMs: 200 })
    node().faults.hole = true
    node().asked.length = 0
    const head = await hand().mine(1)
    await new Promise((wake) => setTimeout(wake, 1_500))
    // Logs and four operators' nonces and balances at first, then one attempt after the other; the poll beside them.
    expect(node().asked.length).toBeLessThan(60)
    expect(it.status().at(-1)).toBe('down')
    node().heal()
    node().cut()
    await it.reaches(head, 8_000)
    expectUnbroken(it)
  })
})

describe('F04 a node that lies', () => {
  test('another chain is not followed', async () => {
    node().faults.edit = (request, answer) =>
      request.method === 'eth_chainId' ? { ...answer, result: '0x5' } : answer
    const it = follow()
    await eventually(() => it.status().at(-1) === 'down', 'the source to be down')
    expect(it.count('market')).toBe(0)
    const down = it.events.find((event) => event.type === 'source' && event.status === 'down')
    expect(down).toMatchObject({ reason: expect.stringContaining('on chain 5') })
    node().heal()
    await it.reaches(await hand().headNumber())
  })

  test.each<[string, (answer: Record<string, unknown>) => unknown]>([
    ['null instead of a result', (answer) => ({ ...answer, result: null })],
    ['the answer to another request', (answer) => ({ ...answer, id: 4_000_000 })],
    ['an array', () => [1, 2]],
    ['logs that were not asked for', (answer) => ({ ...answer, result: [{ address: '0x1' }] })],
  ])('%s for logs: the block waits and is then told whole', async (_, lie) => {
    const it = await synced()
    node().faults.edit = (request, answer) =>
      request.method === 'eth_getLogs' ? lie(answer) : answer
    await hand().trade()
    const head = await hand().mine(1)
    await new Promise((wake) => setTimeout(wake, 400))
    expect(it.book.head!.number).toBe(head - 1)
    node().heal()
    await it.reaches(head)
    expectUnbroken(it)
    await expectAsAnew(it)
  })

  test('answers that are cut in the middle', async () => {
    const it = await synced()
    node().faults.text = (text, { method }) =>
      method === 'eth_getLogs' ? text.slice(0, text.length / 2) : text
    await hand().trade()
    const head = await hand().mine(1)
    await new Promise((wake) => setTimeout(wake, 300))
    node().heal()
    await it.reaches(head)
    await expectAsAnew(it)
  })

  test('a head far ahead that does not exist delays the next real one by a second at most', async () => {
    const it = await synced({ pollMs: 60_000 })
    const frames: string[] = []
    node().faults.frames = (frame) => {
      if (!frame.includes('parentHash')) return [frame]
      const ahead = JSON.parse(frame) as { params: { result: { number: string; hash: string } } }
      ahead.params.result.number = `0x${(Number(ahead.params.result.number) + 5).toString(16)}`
      ahead.params.result.hash = `0x${'e'.repeat(64)}`
      frames.push(frame)
      return [JSON.stringify(ahead)]
    }
    const first = await hand().mine(1)
    // The gap before the invented head is real and is filled.
    await it.reaches(first)
    node().faults.frames = (frame) => [frame]
    const next = await hand().mine(1)
    const startedMs = performance.now()
    await it.reaches(next)
    expect(performance.now() - startedMs).toBeLessThan(1_500)
    expect(frames).toHaveLength(1)
    expect(it.count('reorg')).toBe(0)
    expectUnbroken(it)
  })
})

describe('F07 a node that limits', () => {
  test('status 429 for a while costs time and nothing else', async () => {
    const it = await synced()
    node().faults.status = { code: 429, headers: { 'retry-after': '1' } }
    const head = await hand().mine(2)
    await new Promise((wake) => setTimeout(wake, 300))
    node().heal()
    await it.reaches(head)
    expectUnbroken(it)
  })

  test('history in pieces as small as the node wants them', async () => {
    let refused = 0
    node().faults.edit = (request, answer) => {
      const [filter] = request.params as [{ fromBlock?: string; toBlock?: string }]
      if (request.method !== 'eth_getLogs' || filter.fromBlock === undefined) return answer
      if (Number(filter.toBlock) - Number(filter.fromBlock) < 1_000) return answer
      refused += 1
      const error = { code: -32005, message: 'query exceeds max block range 1000' }
      return { jsonrpc: '2.0', id: request.id, error }
    }
    const it = follow({ chunkBlocks: 10_000_000, fromBlock: (await hand().headNumber()) - 20_000 })
    await it.reaches(await hand().headNumber(), 20_000)
    expect(refused).toBeGreaterThan(5)
    await expectAsAnew(it)
  })
})

describe('F08, F09, F12 the subscription', () => {
  test('cut again and again: no block is missed and none told twice', async () => {
    const it = await synced()
    let head = 0
    for (let i = 0; i < 20; i += 1) {
      node().cut()
      head = await hand().mine(1 + (i % 3))
    }
    await it.reaches(head)
    expectUnbroken(it)
    expect(it.count('reorg')).toBe(0)
  })

  test('half-open: the poll goes on, and the line is replaced', async () => {
    const it = await synced({ pollMs: 300 })
    node().faults.mute = true
    const before = node().connections()
    const head = await hand().mine(3)
    await it.reaches(head, 2_000)
    await eventually(() => node().connections() > before, 'a new connection', 5_000)
    node().faults.mute = false
    await it.reaches(await hand().mine(1))
    expectUnbroken(it)
  })

  test('heads that come twice, late or not at all', async () => {
    const it = await synced()
    const late: string[] = []
    let n = 0
    node().faults.frames = (frame) => {
      if (!frame.includes('parentHash')) return [frame]
      n += 1
      if (n % 3 === 0) return []
      if (n % 3 === 1) {
        late.push(frame)
        return []
      }
      return [frame, frame, ...late.splice(0)]
    }
    let head = 0
    for (let i = 0; i < 12; i += 1) head = await hand().mine(1)
    await it.reaches(head)
    expectUnbroken(it)
    expect(it.count('reorg')).toBe(0)
    expect(n).toBeGreaterThanOrEqual(12)
  })
})

describe('receipts that do not come', () => {
  test('a block does not wait for them beyond their time', async () => {
    let hangs = false
    const it = await synced({
      receiptsMs: 300,
      collectReceipts: () =>
        hangs ? new Promise<readonly Receipt[]>(() => undefined) : Promise.resolve([]),
    })
    hangs = true
    const startedMs = performance.now()
    await it.reaches(await hand().mine(1))
    expect(performance.now() - startedMs).toBeGreaterThan(250)
    expect(performance.now() - startedMs).toBeLessThan(1_500)
  })

  test('what was handed over is told although its block could not be read at first', async () => {
    const receipt = { intent: 'one', txHash: '0x1', block: 0 } as unknown as Receipt
    const due: Receipt[] = []
    const it = await synced({ collectReceipts: async () => due.splice(0) })
    node().faults.edit = (request, answer) =>
      request.method === 'eth_getLogs' ? { ...answer, result: null } : answer
    due.push(receipt)
    const head = await hand().mine(1)
    await eventually(() => due.length === 0, 'the receipt to be handed over')
    expect(it.count('receipt')).toBe(0)
    node().heal()
    await it.reaches(head)
    const types = it.events.map(({ type }) => type).filter((type) => type !== 'source')
    expect(types.slice(-3)).toEqual(['operators', 'receipt', 'block'])
    expect(it.count('receipt')).toBe(1)
  })
})
