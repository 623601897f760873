/** Errors are named for what the caller must do; every message reads as an instruction and quotes its values. */
export class BailiffError extends Error {
  readonly code: string
  readonly data: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = new.target.name
    this.code = code
    this.data = data
  }
}

/** Thrown when the operator must change something; the program lists all faults and exits with 2. */
export class ConfigError extends BailiffError {}

/** Thrown when the same call may succeed later; the caller backs off and tries again. */
export class TransientError extends BailiffError {}

/** Thrown when the world sent what we cannot accept; the message is dropped and its source benched. */
export class ProtocolError extends BailiffError {}

/** Thrown when what is always true is not; nobody catches it, the journal is flushed and the process exits with 70. */
export class InvariantError extends BailiffError {}

/** Returns the message of anything that was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)
