import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(new URL('../../bin/bailiff.js', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as a person does; ended after `timeoutMs`, `onStart` gets the process. */
export const runBailiff = (
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>
    readonly timeoutMs?: number
    readonly onStderr?: (text: string, pid: number) => void
  } = {},
): Promise<Finished> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
      options.onStderr?.(stderr, child.pid!)
    })
    const late = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000)
    child.once('close', (code) => {
      clearTimeout(late)
      resolve({ code, stdout, stderr })
    })
  })
