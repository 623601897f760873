import { BailiffError, ConfigError, InvariantError, messageOf } from '../core/errors.ts'

/** Exit codes: 0 done, 1 failed, 2 something for the operator to change, 70 what is always true was not. */
export const exitCodeOf = (thrown: unknown): number =>
  thrown instanceof ConfigError ? 2 : thrown instanceof InvariantError ? 70 : 1

/** Tells a person on stderr why the command ended, with a stack only for what nobody foresaw. */
export const explain = (thrown: unknown): void => {
  const known = thrown instanceof BailiffError
  const text =
    known || !(thrown instanceof Error) ? messageOf(thrown) : (thrown.stack ?? thrown.message)
  process.stderr.write(`bailiff: ${text}\n`)
}

/** Runs a command until it ends or is interrupted, and sets the exit code; a second interrupt ends it at once. */
export const finish = async (command: (signal: AbortSignal) => Promise<number>): Promise<void> => {
  const abort = new AbortController()
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(130)
    process.stderr.write('bailiff: stopping; once more to end at once\n')
    abort.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    process.exitCode = await command(abort.signal)
  } catch (error) {
    explain(error)
    process.exitCode = exitCodeOf(error)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
