import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from './compile.ts'
import { render } from './render.ts'

const target = fileURLToPath(new URL('./generated', import.meta.url))

/** Writes `contracts/generated` anew from `contracts/src`; a warning of solc is a failure, and nothing is written. */
const build = (): void => {
  const { contracts, faults } = compile()
  if (faults.length > 0) {
    process.stderr.write(`${faults.join('\n')}\n`)
    process.exitCode = 1
    return
  }
  mkdirSync(target, { recursive: true })
  for (const stale of readdirSync(target)) rmSync(join(target, stale))
  for (const contract of contracts) {
    const { file, text } = render(contract)
    writeFileSync(join(target, file), text)
  }
}

build()
