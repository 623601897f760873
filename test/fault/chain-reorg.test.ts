import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { aFollowedWorld } from '../support/a-followed-world.ts'
import { eventually } from '../support/a-websocket-server.ts'

const { world, hand, node, follow, synced, expectUnbroken, expectAsAnew } = aFollowedWorld()

describe('F10, F11 reorgs', () => {
  test.each([1, 2, 7, 64, 100])(
    '%i deep, at the same height: seen at once, the book as if read anew',
    async (depth) => {
      await hand().trade()
      await hand().answer('ETH', 1690)
      // What people did lies within the blocks that are replaced, beyond those that are always read anew for 100.
      await hand().mine(Math.max(1, depth - 20))
      const it = await synced()
      await hand().trade()
      const top = await hand().mine(Math.min(depth, 3))
      await it.reaches(top)
      await world().anvil.rpc.call('anvil_reorg', [depth, []])
      const startedMs = performance.now()
      await it.standsOn(await hand().headHash(), 5_000)
      expect(performance.now() - startedMs).toBeLessThan(2_000)
      await expectAsAnew(it)
      // Heads of the new branch that come after it was read anew are no reorg.
      await sleep(1_000)
      expect(it.count('reorg')).toBe(1)
      expect(it.count('synced')).toBe(2)
      await it.reaches(await hand().mine(2))
      expectUnbroken(it)
    },
  )

  test.each([1, 2, 7, 64, 127])(
    '%i deep, all of it followed: undone, and nothing before it is told again',
    async (depth) => {
      await hand().trade()
      const it = await synced()
      for (let mined = 0; mined < depth; mined += 8) {
        await hand().trade()
        await hand().answer('ETH', 1690 + mined)
        await it.reaches(await hand().mine(Math.min(8, depth - mined)))
      }
      it.events.length = 0
      await world().anvil.rpc.call('anvil_reorg', [depth, []])
      await it.standsOn(await hand().headHash(), 5_000)
      const block = (await hand().headNumber()) - depth + 1
      expect(it.events.find(({ type }) => type === 'reorg')).toEqual({
        type: 'reorg',
        block,
        keepsPast: true,
      })
      expect(it.count('history')).toBe(0)
      expect(
        it.events.flatMap((event) => (event.type === 'block' ? [event.head.number] : [])),
      ).toEqual(Array.from({ length: depth }, (_, n) => block + n))
      await expectAsAnew(it)
      await hand().trade()
      await it.reaches(await hand().mine(2))
      await expectAsAnew(it)
    },
  )

  test('again and again, each deeper than the last', async () => {
    const it = await synced()
    it.events.length = 0
    for (const depth of [1, 3, 5, 9]) {
      await hand().trade()
      await it.reaches(await hand().mine(6))
      await world().anvil.rpc.call('anvil_reorg', [depth, []])
      await it.standsOn(await hand().headHash(), 5_000)
      await expectAsAnew(it)
    }
    expect(it.count('history')).toBe(0)
    expect(it.count('reorg')).toBe(4)
  })

  test('a node that has the state of no old block: everything is read anew', async () => {
    const it = await synced()
    await it.reaches(await hand().mine(3))
    const { hash: standing } = await world().anvil.rpc.call<{ hash: string }>(
      'eth_getBlockByNumber',
      [toHex((await hand().headNumber()) - 2), false],
    )
    node().faults.edit = ({ id, method, params }, answer) => {
      const at = params.at(-1) as { blockHash?: string } | undefined
      const isOld =
        method === 'eth_call' && at?.blockHash !== undefined && at.blockHash === standing
      return isOld
        ? { jsonrpc: '2.0', id, error: { code: -32000, message: 'missing trie node' } }
        : answer
    }
    await world().anvil.rpc.call('anvil_reorg', [2, []])
    await it.standsOn(await hand().headHash(), 10_000)
    expect(it.events.filter(({ type }) => type === 'reorg').at(-1)).not.toHaveProperty('keepsPast')
    await expectAsAnew(it)
  })

  test('what is settled is not read again', async () => {
    await hand().trade()
    await hand().mine(100)
    const ranges: [number, number][] = []
    node().faults.edit = ({ method, params }, answer) => {
      const [filter] = params as [{ fromBlock?: string; toBlock?: string }]
      if (method === 'eth_getLogs' && filter.fromBlock !== undefined)
        ranges.push([Number(filter.fromBlock), Number(filter.toBlock)])
      return answer
    }
    const it = await synced()
    const settled = it.book.head!.number - 64
    expect(ranges.filter(([from]) => from <= settled).length).toBeGreaterThan(0)
    ranges.length = 0
    await world().anvil.rpc.call('anvil_reorg', [2, []])
    await it.standsOn(await hand().headHash())
    expect(ranges.length).toBeGreaterThan(0)
    expect(ranges.filter(([from]) => from <= settled)).toEqual([])
    await expectAsAnew(it)
  })

  test('that takes an oracle update out: the feed is back at its last answer', async () => {
    await hand().answer('ETH', 1700)
    await hand().mine(2)
    const it = await synced()
    const answer = (): bigint =>
      [...it.book.feeds.values()].find(({ asset }) => asset === 'ETH')!.answerRaw
    await hand().answer('ETH', 1650)
    await it.reaches(await hand().mine(1))
    expect(answer()).toBe(1650_00000000n)
    await world().anvil.rpc.call('anvil_reorg', [1, []])
    await it.standsOn(await hand().headHash())
    expect(answer()).toBe(1700_00000000n)
    expect(it.events.find(({ type }) => type === 'reorg')).toEqual({
      type: 'reorg',
      block: await hand().headNumber(),
      keepsPast: true,
    })
  })

  test('to a shorter chain, and onward', async () => {
    await hand().mine(5)
    const it = await synced()
    await world().anvil.rpc.call('anvil_rollback', [3])
    await hand().trade()
    await hand().mine(1)
    await it.standsOn(await hand().headHash(), 8_000)
    expect(it.count('reorg')).toBe(1)
    await it.reaches(await hand().mine(4))
    expectUnbroken(it)
    await expectAsAnew(it)
  })

  test('while everything is being read', async () => {
    let left = 2
    let done = 0
    node().faults.edit = async (request, answer) => {
      if (request.method === 'eth_getLogs' && left > 0) {
        left -= 1
        await world().anvil.rpc.call('anvil_reorg', [1, []])
        done += 1
      }
      return answer
    }
    const it = follow()
    await eventually(() => done === 2, 'both reorgs')
    await it.standsOn(await hand().headHash())
    expect(it.count('reorg')).toBeGreaterThanOrEqual(1)
    await expectAsAnew(it)
  })
})
