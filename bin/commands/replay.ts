import { writeFileSync } from 'node:fs'
import { canonicalOf } from '../../bot/canonical.ts'
import { replayJournal } from '../../bot/replay.ts'

interface ReplayOptions {
  readonly json: boolean
  readonly plans?: string
}

/** Plays a journal again; returns 1 when a plan or any other fact came out differently. */
export const runReplay = async (file: string, options: ReplayOptions): Promise<number> => {
  const replay = replayJournal(file)
  if (options.plans)
    writeFileSync(options.plans, replay.plans.map((plan) => `${canonicalOf(plan)}\n`).join(''))
  const { entries, events, facts, sessions, plans, mismatches, unwritten, firstDifference } = replay
  const same = mismatches === 0
  const result = {
    journal: file,
    entries,
    events,
    facts,
    sessions,
    plans: plans.length,
    mismatches,
    unwritten,
    same,
  }
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else {
    process.stdout.write(
      `${entries} entries, ${sessions} session${sessions === 1 ? '' : 's'}: ${facts} facts and ${plans.length} plans came out ${same ? 'byte for byte as journalled' : `differently ${mismatches} times`}.\n`,
    )
    if (firstDifference)
      process.stdout.write(
        `First difference at entry ${firstDifference.seq}:\n  journalled ${firstDifference.journalled ?? 'nothing'}\n  replayed   ${firstDifference.replayed ?? 'nothing'}\n`,
      )
  }
  return same ? 0 : 1
}
