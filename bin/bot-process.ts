import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TransientError } from '../core/errors.ts'

/** The bot as a child process, run as an operator would run it. */
export interface BotProcess {
  readonly synced: Promise<void>
  /** Asks it to end, waits, and ends it after a while; resolves with its exit code. */
  readonly stop: () => Promise<number>
}

// Compiled, this file stands in dist/bin.
const entry = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './bailiff.js' : '../../bin/bailiff.js',
    import.meta.url,
  ),
)
const stopMs = 15_000

/** Starts `bailiff run` with a configuration and an environment; its log goes to `onLog` line by line. */
export const startBotProcess = ({
  config,
  environment,
  onLog,
}: {
  readonly config: string
  readonly environment: Readonly<Record<string, string>>
  readonly onLog: (line: string) => void
}): BotProcess => {
  const child: ChildProcess = spawn(process.execPath, [entry, 'run', '--config', config], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // An interrupt at the terminal goes to us alone, who stop it in order.
    detached: true,
  })
  const killNow = (): void => void child.kill('SIGKILL')
  process.once('exit', killNow)
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      process.off('exit', killNow)
      resolve(code ?? 1)
    })
  })
  let rest = ''
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    said = lines.at(-1) ?? said
    for (const line of lines) onLog(line)
  })
  const synced = new Promise<void>((resolve, reject) => {
    child.on('message', () => resolve())
    void exited.then((code) =>
      reject(
        new TransientError(
          'BOT_EXITED',
          `The bot ended with ${code} before its time; it last said: ${rest || said}`,
          { code },
        ),
      ),
    )
  })
  synced.catch(() => undefined)
  return {
    synced,
    stop: async () => {
      child.kill('SIGTERM')
      const force = setTimeout(killNow, stopMs)
      const code = await exited
      clearTimeout(force)
      return code
    },
  }
}
