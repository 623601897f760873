import type { Abi } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'

/** One `eth_call`, as viem's `multicall` takes it. */
export interface ReadCall {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

/** Batches of calls, each to be answered with one result per call, undefined for a call that failed; at last the value. */
export type Reading<T> = Generator<readonly ReadCall[], T, readonly unknown[]>

/** Asks one batch; the answers are what the ABI says they are. */
export function* ask<T>(calls: readonly ReadCall[]): Reading<readonly (T | undefined)[]> {
  if (calls.length === 0) return []
  const answers = yield calls
  if (answers.length === calls.length) return answers as readonly (T | undefined)[]
  throw new ProtocolError(
    'MORPHO_READ_SHORT',
    `Answer each of the ${calls.length} calls: ${answers.length} answers came.`,
  )
}

/** Asks one batch of calls that must all succeed; throws ProtocolError when one fails. */
export function* askAll<T>(calls: readonly ReadCall[]): Reading<readonly T[]> {
  const answers = yield* ask<T>(calls)
  const failed = calls.find((_, index) => answers[index] === undefined)
  if (failed === undefined) return answers as readonly T[]
  throw new ProtocolError(
    'MORPHO_READ_FAILED',
    `Check that Morpho Blue and the market's contracts stand there: ${failed.functionName}(${failed.args.join(', ')}) of ${failed.address} failed.`,
    { address: failed.address, functionName: failed.functionName },
  )
}
