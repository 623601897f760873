/**
 * Gets every listed rule wrong, one at a time, in a copy of the tree, and has the tests of its protocol notice:
 * `npm run verify -- --mutants`. One line of JSON for each protocol; fails when a mutant survives.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants as aave30 } from './mutants/aave-30.ts'
import { mutants as aave33 } from './mutants/aave-33.ts'
import { mutants as morpho } from './mutants/morpho-blue.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const left = new Set(['node_modules', '.git', 'dist', '.bailiff', 'coverage'])
const testMs = 120_000

const suites = [
  {
    verify: 'aave-v3 mutants',
    mutants: [...aave30, ...aave33],
    tests: ['test/unit/protocols/aave-v3', 'test/property/aave'],
  },
  {
    verify: 'morpho-blue mutants',
    mutants: morpho,
    tests: ['test/unit/protocols/morpho-blue', 'test/property/morpho', 'test/chain/morpho'],
  },
] as const

const folder = mkdtempSync(join(tmpdir(), 'bailiff-mutants-'))
cpSync(root, folder, { recursive: true, filter: (path) => !left.has(basename(path)) })
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
// The goldens alone must notice: the shared vectors are not always at hand.
const env = { ...process.env, BAILIFF_SHARED: join(folder, 'none') }

const passes = (tests: readonly string[]): boolean =>
  spawnSync('npx', ['vitest', 'run', '--project', 'parts', ...tests], {
    cwd: folder,
    env,
    stdio: 'ignore',
    timeout: testMs,
  }).status === 0

try {
  for (const { verify, mutants, tests } of suites) {
    const survivors: string[] = []
    if (!passes(tests)) survivors.push('nothing: the tests fail without a mutant')
    for (const { file, find, replace, why } of mutants) {
      const path = join(folder, file)
      const genuine = readFileSync(path, 'utf8')
      if (genuine.split(find).length !== 2) {
        survivors.push(`${file}: "${find}" is not there once`)
        continue
      }
      writeFileSync(
        path,
        genuine.replace(find, () => replace),
      )
      if (passes(tests)) survivors.push(`${file}: ${why}`)
      writeFileSync(path, genuine)
    }
    const killed = mutants.length - survivors.length
    process.stdout.write(
      `${JSON.stringify({ verify, mutants: mutants.length, killed, survivors })}\n`,
    )
    if (survivors.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
