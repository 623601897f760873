import { InvariantError, messageOf } from '../core/errors.ts'
import type { StepRecord } from './step-record.ts'

/**
 * Owns which strategies are not asked, and until when.
 *
 * 1. One that throws rests for some blocks, and it is told; it cannot stop the loop or another strategy.
 * 2. When its time is over it is asked again, and that is told too.
 * 3. An InvariantError is no strategy's own affair: it goes on up.
 */
export interface StrategyBench {
  readonly isBenched: (name: string, headNumber: number, record: StepRecord) => boolean
  readonly bench: (name: string, thrown: unknown, headNumber: number, record: StepRecord) => void
}

/** Five minutes of mainnet: long enough to be seen, short enough to outlive a passing state. */
const benchBlocks = 25

/** Creates an empty bench. */
export const createStrategyBench = (): StrategyBench => {
  const untilBlock = new Map<string, number>()
  return {
    isBenched: (name, headNumber, record) => {
      const until = untilBlock.get(name)
      if (until === undefined) return false
      if (headNumber < until) return true
      untilBlock.delete(name)
      record.tell({
        key: `strategy-benched:${name}`,
        severity: 'info',
        status: 'resolved',
        kind: 'strategy-benched',
        text: `Strategy "${name}" is asked again.`,
      })
      return false
    },
    bench: (name, thrown, headNumber, record) => {
      if (thrown instanceof InvariantError) throw thrown
      const until = headNumber + benchBlocks
      untilBlock.set(name, until)
      record.tell({
        key: `strategy-benched:${name}`,
        severity: 'critical',
        status: 'open',
        kind: 'strategy-benched',
        text: `Mend strategy "${name}": it threw "${messageOf(thrown)}" and is asked again at block ${until}.`,
      })
    },
  }
}
