/** `npm run verify`: the long runs and the bench; with `--mutants` what the tests notice of wrong rules. */
import { spawnSync } from 'node:child_process'

const runs: readonly (readonly string[])[] = process.argv.includes('--mutants')
  ? [['tsx', 'test/verify/run-mutants.ts']]
  : [
      ['vitest', 'run', '--config', 'vitest.verify.ts'],
      ['tsx', 'bench/run.ts'],
    ]

for (const run of runs) {
  const { status } = spawnSync('npx', run, { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
