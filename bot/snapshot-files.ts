import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { messageOf, ProtocolError } from '../core/errors.ts'
import type { Change } from '../core/types/change.ts'
import type {
  SnapshotName,
  SnapshotStore,
  StoredSnapshot,
} from '../monitors/sources/snapshot-keeper.ts'
import { canonicalOf, fromCanonical } from './canonical.ts'

const FORMAT = 1
const KEPT = 2
const NAME = /^(\d+)\.snapshot\.gz$/

interface Header extends SnapshotName {
  readonly format: number
  readonly chainId: number
}

const linesOf = async function* (
  header: Header,
  parts: AsyncIterable<readonly Change[]>,
): AsyncIterable<string> {
  yield `${canonicalOf(header)}\n`
  let count = 0
  for await (const part of parts) {
    count += part.length
    yield `${canonicalOf(part)}\n`
  }
  yield `${canonicalOf({ count })}\n`
}

const torn = (file: string, why: string): ProtocolError =>
  new ProtocolError('SNAPSHOT_TORN', `Leave ${file} aside: ${why}.`, { file })

/** The lines of a file; a torn or foreign one throws ProtocolError. */
const readLines = async function* (file: string): AsyncIterable<unknown> {
  const packed = createReadStream(file)
  const text = createGunzip()
  packed.on('error', (error) => text.destroy(error))
  try {
    let rest = ''
    for await (const piece of packed.pipe(text).setEncoding('utf8')) {
      const lines = `${rest}${piece}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield fromCanonical(line)
    }
  } catch (thrown) {
    throw torn(file, messageOf(thrown))
  } finally {
    packed.destroy()
  }
}

/** Creates the snapshots of one chain in a folder: the two newest are kept, each a gzip file that is whole or absent. */
export const createSnapshotFiles = (
  folder: string,
  chainId: number,
  log: (text: string) => void,
): SnapshotStore => {
  const files = async (): Promise<readonly { readonly file: string; readonly block: number }[]> => {
    const names = await readdir(folder).catch(() => [])
    return names
      .flatMap((name) => {
        const block = NAME.exec(name)?.[1]
        return block === undefined ? [] : [{ file: join(folder, name), block: Number(block) }]
      })
      .sort((a, b) => b.block - a.block)
  }

  const headerOf = async (file: string): Promise<Header | undefined> => {
    for await (const line of readLines(file)) {
      const header = line as Header
      return header.format === FORMAT && header.chainId === chainId ? header : undefined
    }
    return undefined
  }

  const changesIn = async function* (file: string): AsyncIterable<readonly Change[]> {
    let seen = 0
    let expected: number | undefined
    let isHeader = true
    for await (const line of readLines(file)) {
      if (isHeader) isHeader = false
      else if (Array.isArray(line)) {
        seen += line.length
        yield line as readonly Change[]
      } else expected = (line as { readonly count: number }).count
    }
    if (seen !== expected) throw torn(file, `it holds ${seen} changes of ${expected}`)
  }

  return {
    save: async (name, parts) => {
      await mkdir(folder, { recursive: true })
      const file = join(folder, `${name.block}.snapshot.gz`)
      const header: Header = { format: FORMAT, chainId, ...name }
      const fresh = `${file}.new`
      await pipeline(
        Readable.from(linesOf(header, parts)),
        createGzip({ level: 1 }),
        createWriteStream(fresh),
      )
      const handle = await open(fresh)
      await handle.sync()
      await handle.close()
      await rename(fresh, file)
      for (const { file: old } of (await files()).slice(KEPT)) await rm(old, { force: true })
    },
    list: async () => {
      const found: StoredSnapshot[] = []
      for (const { file } of await files()) {
        try {
          const header = await headerOf(file)
          if (header === undefined) continue
          const { block, hash, followed } = header
          found.push({ block, hash, followed, read: () => changesIn(file) })
        } catch (thrown) {
          log(messageOf(thrown))
        }
      }
      return found
    },
  }
}
