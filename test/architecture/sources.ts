import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The house, foundation first. A folder may import from any lower floor, never from its own floor's other rooms. */
export const house = [
  ['core', 'contracts'],
  ['protocols', 'venues', 'oracles', 'config'],
  ['book'],
  ['monitors', 'strategies', 'execution'],
  ['bot'],
  ['bin'],
] as const

/** Folders that look in from outside. */
export const outside = ['sandbox', 'bench', 'test'] as const

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name)
    return statSync(join(root, path)).isDirectory() ? filesBelow(path) : [path]
  })

/** Every TypeScript file below the given folders that a person wrote. */
export const sourceFiles = (folders: readonly string[]): readonly string[] =>
  folders
    .flatMap((folder) => filesBelow(folder))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('contracts/generated'))
    .sort()

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The text without comments, so that prose trips no rule. */
export const codeOf = (path: string): string =>
  textOf(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')

export interface Edge {
  readonly from: string
  readonly to: string
}

/** Relative imports of every file, type imports included. */
export const edgesOf = (files: readonly string[]): readonly Edge[] =>
  files.flatMap((from) =>
    [...textOf(from).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map((match) => ({
      from,
      to: normalize(relative(root, join(root, dirname(from), match[1]!))),
    })),
  )

export const folderOf = (path: string): string => path.split('/')[0]!
