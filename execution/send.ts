import { messageOf, ProtocolError, TransientError } from '../core/errors.ts'
import type { Event } from '../core/types/event.ts'
import type { Bundle, SignedTx } from '../core/types/plan.ts'
import type { Ms } from '../core/units.ts'
import { createBreaker } from './breaker.ts'
import { assemble, type Builder, type SignedBundle } from './builder.ts'

/**
 * Sends bundles to all builders at once.
 * 1. Every builder of every bundle gets one `relay` event, whatever happens: accepted, refused, late or not asked.
 * 2. No builder waits for another, and none longer than its deadline.
 * 3. A builder gets the bundles that replace each other one after the other: the last to arrive is the one that counts.
 * 4. Nothing is thrown and no rejection is left unhandled; what a builder says is never the truth about inclusion.
 */
export interface Sender {
  /** Resolves when every builder has answered or was given up. */
  readonly send: (bundle: Bundle, signed: readonly SignedTx[]) => Promise<void>
}

const failures = 3
const restMs = 60_000

/** Creates the sender of a set of builders; the clock is the breakers', the deadlines run on wall time. */
export const createSender = (deps: {
  readonly builders: readonly Builder[]
  readonly emit: (event: Event) => void
  readonly clock: () => Ms
  readonly log?: (text: string) => void
}): Sender => {
  const lines = deps.builders.map((builder) => ({
    builder,
    breaker: createBreaker({ clock: deps.clock, failures, restMs }),
    series: '',
    turn: Promise.resolve(),
  }))

  const withinDeadline = async (builder: Builder, bundle: SignedBundle): Promise<string> => {
    const controller = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new TransientError(
            'BUILDER_LATE',
            `Send to ${builder.name} again later: no answer within ${builder.deadlineMs} ms.`,
          ),
        )
        controller.abort()
      }, builder.deadlineMs)
    })
    try {
      return await Promise.race([builder.send(bundle, controller.signal), late])
    } finally {
      clearTimeout(timer)
    }
  }

  const sendTo = async (line: (typeof lines)[number], bundle: SignedBundle): Promise<void> => {
    const { builder, breaker } = line
    const tell = (accepted: boolean, detail: string): void =>
      deps.emit({
        type: 'relay',
        answer: {
          bundle: bundle.id,
          builder: builder.name,
          block: bundle.targetBlock,
          accepted,
          detail,
        },
      })
    if (!breaker.admits()) return tell(false, 'not asked: breaker open')
    let detail: string
    try {
      detail = await withinDeadline(builder, bundle)
    } catch (thrown) {
      // A refusal is the bundle's fault: the builder that says so is well.
      if (thrown instanceof ProtocolError) breaker.succeeded()
      else breaker.failed()
      return tell(false, messageOf(thrown))
    }
    breaker.succeeded()
    return tell(true, detail)
  }

  const inTurn = (line: (typeof lines)[number], bundle: SignedBundle): Promise<void> => {
    const before = line.series === bundle.replacementUuid ? line.turn : Promise.resolve()
    const sent = before.then(() => sendTo(line, bundle))
    line.series = bundle.replacementUuid
    line.turn = sent.catch(() => undefined)
    return sent
  }

  return {
    send: async (bundle, signed) => {
      const assembled = assemble(bundle, signed)
      const told = await Promise.allSettled(lines.map((line) => inTurn(line, assembled)))
      for (const one of told) {
        if (one.status === 'rejected') deps.log?.(`relay event lost: ${messageOf(one.reason)}`)
      }
    },
  }
}
