import { benchBook } from './book.ts'
import { benchHealth } from './health.ts'
import { benchLoop } from './loop.ts'
import type { BenchResult } from './result.ts'
import { benchSync } from './sync.ts'
import { benchThread } from './thread.ts'

/** Every comparison by its name on the command line. */
const benches: Readonly<Record<string, () => Promise<readonly BenchResult[]>>> = {
  book: () => benchBook(),
  health: async () => [await benchHealth()],
  loop: () => benchLoop(),
  sync: () => benchSync(),
  thread: () => benchThread(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => benches[name] === undefined)
if (unknown.length > 0) {
  process.stderr.write(
    `bench: no "${unknown.join('", "')}"; there are ${Object.keys(benches).join(', ')}\n`,
  )
  process.exitCode = 2
} else
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    for (const result of await bench()) {
      process.stdout.write(`${JSON.stringify(result)}\n`)
      if (!result.correct) process.exitCode = 1
    }
  }
