import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runBailiff } from '../support/run-bailiff.ts'

const isThere = (pid: number): boolean => {
  try {
    // A zombie has ended and only waits to be asked.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

const parentOf = (pid: number): number | undefined => {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
    throw error
  }
}

/** Every process below one, at this moment. */
const descendantsOf = (root: number): readonly number[] => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .map((pid) => ({ pid, parent: parentOf(pid) }))
  const below = (pid: number): readonly number[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child.pid, ...below(child.pid)])
  return below(root)
}

test.skipIf(process.platform !== 'linux')('Ctrl-C ends every child process', async () => {
  let children: readonly number[] = []
  const { code } = await runBailiff(['demo'], {
    timeoutMs: 60_000,
    onStderr: (text, pid) => {
      if (children.length > 0 || !text.includes('playing "crash"')) return
      children = descendantsOf(pid)
      process.kill(pid, 'SIGINT')
    },
  })
  expect(code).not.toBeNull()
  // The chain, the bot and what guards the chain, at least.
  expect(children.length).toBeGreaterThanOrEqual(2)
  for (let round = 0; round < 40 && children.some(isThere); round++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  expect(children.filter(isThere)).toEqual([])
})
