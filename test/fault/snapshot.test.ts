import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aFollowedWorld } from '../support/a-followed-world.ts'

const { world, hand, node, synced, expectAsAnew } = aFollowedWorld()

let snapshotFolder: string
beforeEach(() => {
  snapshotFolder = mkdtempSync(join(tmpdir(), 'bailiff-snapshot-test-'))
})
afterEach(() => rmSync(snapshotFolder, { recursive: true, force: true }))

const files = (): readonly string[] => readdirSync(snapshotFolder).toSorted()

/** The blocks of which logs are asked for from now on. */
const rangesAsked = (): (readonly [number, number])[] => {
  const ranges: (readonly [number, number])[] = []
  node().faults.edit = ({ method, params }, answer) => {
    const [filter] = params as [{ fromBlock?: string; toBlock?: string }]
    if (method === 'eth_getLogs' && filter.fromBlock !== undefined)
      ranges.push([Number(filter.fromBlock), Number(filter.toBlock)])
    return answer
  }
  return ranges
}

/** Follows until there is a snapshot, and ends. */
const leaveASnapshot = async (): Promise<number> => {
  await hand().trade()
  await hand().answer('ETH', 1_690)
  await hand().trade()
  await hand().mine(70)
  await hand().trade()
  const it = await synced({ snapshotFolder })
  await it.stop()
  expect(files()).toHaveLength(1)
  return Number.parseInt(files()[0]!, 10)
}

describe('a restart', () => {
  test('reads the tail alone, and holds what reading everything gives', async () => {
    const block = await leaveASnapshot()
    expect(block).toBe((await hand().headNumber()) - 64)
    await hand().trade()
    await hand().mine(3)
    const ranges = rangesAsked()
    const it = await synced({ snapshotFolder })
    expect(Math.min(...ranges.map(([from]) => from))).toBe(block + 1)
    await expectAsAnew(it)
    await hand().trade()
    await it.reaches(await hand().mine(2))
    await expectAsAnew(it)
  })

  test('keeps two: where the newest is of a replaced block, the one before it is read', async () => {
    const older = await leaveASnapshot()
    await hand().trade()
    await hand().mine(70)
    await (await synced({ snapshotFolder })).stop()
    const newer = Number.parseInt(files().at(-1)!, 10)
    expect([files().length, newer > older]).toEqual([2, true])
    await world().anvil.rpc.call('anvil_reorg', [66, []])
    const ranges = rangesAsked()
    const it = await synced({ snapshotFolder })
    expect(Math.min(...ranges.map(([from]) => from))).toBe(older + 1)
    await expectAsAnew(it)
    await it.stop()
    expect(files()).toHaveLength(2)
  })

  test.each([
    { fault: 'cut', of: (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2)) },
    { fault: 'empty', of: () => Buffer.alloc(0) },
    {
      fault: 'flipped',
      of: (bytes: Buffer) => {
        const copy = Buffer.from(bytes)
        copy[Math.floor(copy.length / 2)]! ^= 0xff
        return copy
      },
    },
    { fault: 'no gzip', of: () => Buffer.from('nonsense') },
  ])('a file that is $fault is left aside, and everything is read', async ({ of }) => {
    await leaveASnapshot()
    const file = join(snapshotFolder, files()[0]!)
    writeFileSync(file, of(readFileSync(file)))
    const ranges = rangesAsked()
    const it = await synced({ snapshotFolder })
    expect(Math.min(...ranges.map(([from]) => from))).toBe(0)
    expect(it.said.some((text) => text.includes('.snapshot.gz'))).toBe(true)
    await expectAsAnew(it)
  })

  test('of other contracts: everything is read', async () => {
    await leaveASnapshot()
    const ranges = rangesAsked()
    const { addresses, assets, pools } = world().deployed
    const it = await synced({
      snapshotFolder,
      contracts: {
        addressesProvider: addresses.poolAddressesProvider,
        feeds: Object.values(assets).map(({ asset, proxy }) => ({
          ...{ asset, proxy, heartbeatSec: 3_600, thresholdBps: 50 },
        })),
        pools: pools.slice(1).map(({ address }) => address),
      },
    })
    expect(Math.min(...ranges.map(([from]) => from))).toBe(0)
    expect(it.book.head?.number).toBe(await hand().headNumber())
  })

  test('a folder that cannot be written costs a warning and nothing else', async () => {
    const file = join(snapshotFolder, 'file')
    writeFileSync(file, '')
    await hand().mine(70)
    const it = await synced({ snapshotFolder: join(file, 'below') })
    await expectAsAnew(it)
    await it.stop()
    expect(it.said.some((text) => text.startsWith('no snapshot of block'))).toBe(true)
  })
})
