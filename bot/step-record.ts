import type { Book } from '../book/book.ts'
import type { Reason } from '../core/reasons.ts'
import type { Alert, Command, Fact } from '../core/types/event.ts'
import type { Plan } from '../core/types/plan.ts'
import { sec } from '../core/units.ts'
import type { AlertLedger } from './alert-ledger.ts'
import type { RefusalLedger } from './refusal-ledger.ts'

/** What one step concluded, in the order in which it did. */
export interface StepRecord {
  readonly facts: readonly Fact[]
  readonly commands: readonly Command[]
  readonly conclude: (fact: Fact) => void
  readonly command: (command: Command) => void
  /** An alert is a fact when it is news; who writes the facts raises it. */
  readonly pass: (alert: Alert) => void
  /** Passes an alert of the engine's own, stamped with the head. */
  readonly tell: (alert: Omit<Alert, 'block' | 'timestampSec'>) => void
  /** A refusal is a fact when it is news. */
  readonly refuse: (position: string, reason: Reason) => void
  readonly refusePlans: (plans: readonly Plan[], reason: Reason) => void
}

/** Creates the record of a step that has concluded nothing yet. */
export const createStepRecord = (
  book: Book,
  ledger: RefusalLedger,
  alerts: AlertLedger,
): StepRecord => {
  const facts: Fact[] = []
  const commands: Command[] = []
  const headNumber = book.head?.number ?? 0

  const pass = (alert: Alert): void => {
    if (alerts.admits(alert)) facts.push({ type: 'alert', alert })
  }
  const refuse = (position: string, reason: Reason): void => {
    if (ledger.isNews(position, reason, headNumber)) {
      facts.push({ type: 'refusal', position, reason })
    }
  }

  return {
    facts,
    commands,
    pass,
    refuse,
    conclude: (fact) => facts.push(fact),
    command: (command) => commands.push(command),
    tell: (alert) =>
      pass({
        ...alert,
        block: headNumber,
        timestampSec: book.head?.timestampSec ?? sec(Math.floor(book.nowMs / 1000)),
      }),
    refusePlans: (plans, reason) => {
      for (const plan of plans) for (const { position } of plan.items) refuse(position, reason)
    },
  }
}
