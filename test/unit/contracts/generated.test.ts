import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compile } from '../../../contracts/compile.ts'
import { render } from '../../../contracts/render.ts'

const folder = new URL('../../../contracts/generated/', import.meta.url)

test('contracts/generated is what solc makes of contracts/src, without a warning', () => {
  const { contracts, faults } = compile()
  expect(faults).toEqual([])
  const fresh = Object.fromEntries(contracts.map(render).map(({ file, text }) => [file, text]))
  const committed = Object.fromEntries(
    readdirSync(fileURLToPath(folder)).map((file) => [
      file,
      readFileSync(new URL(file, folder), 'utf8'),
    ]),
  )
  expect(Object.keys(committed).sort()).toEqual(Object.keys(fresh).sort())
  for (const [file, text] of Object.entries(fresh)) {
    expect(committed[file] === text, `run npm run contracts: ${file} is stale`).toBe(true)
  }
}, 60_000)
