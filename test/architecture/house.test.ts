import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  codeOf,
  type Edge,
  edgesOf,
  folderOf,
  house,
  outside,
  root,
  sourceFiles,
  textOf,
} from './sources.ts'

const rooms = house.flat()
const files = sourceFiles(rooms)
const edges = edgesOf(files)

const floors = new Map<string, number>(
  house.flatMap((names, floor) => names.map((name) => [name, floor] as const)),
)

const trespasses = (all: readonly Edge[]): readonly string[] =>
  all
    .filter(({ from, to }) => {
      const [a, b] = [folderOf(from), folderOf(to)]
      if (a === b) return false
      if (a === 'bin' && b === 'sandbox') return false
      return !((floors.get(a) ?? -1) > (floors.get(b) ?? Number.POSITIVE_INFINITY))
    })
    .map(({ from, to }) => `${from} -> ${to}`)

const cyclesOf = (all: readonly Edge[]): readonly string[] => {
  const next = new Map<string, Edge[]>()
  for (const edge of all) next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const edge of next.get(file) ?? []) visit(edge.to, [...path, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}

/** The picture of docs/architecture.md: which folder imports which. */
const picture = (all: readonly Edge[]): string => {
  const lines = new Set(
    all
      .map(({ from, to }) => [folderOf(from), folderOf(to)] as const)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => `  ${a} --> ${b}`),
  )
  return ['```mermaid', 'graph TD', ...[...lines].sort(), '```'].join('\n')
}

describe('house', () => {
  test('no import climbs or crosses to a room beside', () => {
    expect(trespasses(edges)).toEqual([])
  })

  test('a planted climb, crossing and look outside are caught', () => {
    const planted = [
      { from: 'core/x.ts', to: 'book/book.ts' },
      { from: 'strategies/x.ts', to: 'execution/send.ts' },
      { from: 'bot/x.ts', to: 'sandbox/scenario.ts' },
    ]
    expect(trespasses(planted)).toHaveLength(3)
  })

  test('config is imported by bot alone', () => {
    const others = edges.filter(
      ({ from, to }) => folderOf(to) === 'config' && !['config', 'bot'].includes(folderOf(from)),
    )
    expect(others).toEqual([])
  })

  test('no protocol imports another', () => {
    const others = edges.filter(({ from, to }) => {
      const [a, b] = [from.split('/'), to.split('/')]
      return (
        a[0] === 'protocols' &&
        b[0] === 'protocols' &&
        b.length > 2 &&
        a.length > 2 &&
        a[1] !== b[1]
      )
    })
    expect(others).toEqual([])
  })

  test('no circles, type imports included', () => {
    expect(cyclesOf(edgesOf(sourceFiles([...rooms, ...outside])))).toEqual([])
  })

  test('the sandbox looks in at core and contracts only', () => {
    const into = edgesOf(sourceFiles(['sandbox']))
      .filter(({ to }) => !['core', 'contracts', 'sandbox'].includes(folderOf(to)))
      .map(({ from, to }) => `${from} -> ${to}`)
    expect(into).toEqual([])
  })

  test('docs/architecture.md shows the imports as they are', () => {
    const document = join(root, 'docs/architecture.md')
    const drawn = `<!-- picture -->\n${picture(edges)}\n`
    const redrawn = textOf('docs/architecture.md').replace(
      /<!-- picture -->\n(?:```mermaid[\s\S]*?```\n)?/,
      drawn,
    )
    if (process.env.UPDATE_DOCS) writeFileSync(document, redrawn)
    expect(textOf('docs/architecture.md')).toContain(drawn)
  })
})

describe('purity', () => {
  const pure = files.filter(
    (file) =>
      ['core', 'config', 'protocols', 'venues', 'oracles', 'book', 'strategies'].includes(
        folderOf(file),
      ) ||
      (folderOf(file) === 'monitors' && !file.startsWith('monitors/sources/')),
  )
  const effects =
    /\bDate\.now\b|\bnew Date\b|Math\.random|\bfetch\(|process\.|\bawait\b|\bconsole\.|setTimeout|setInterval|performance\.now|from 'node:(?!assert)|from '(ws|pino|bullmq|ioredis)'|createPublicClient|createWalletClient/

  test.each(pure)('%s has no effect', (file) => {
    expect(codeOf(file).match(effects)?.[0]).toBeUndefined()
  })
})
