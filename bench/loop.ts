import type { Lag } from '../bot/lag.ts'
import { measureLag } from './loop-lag.ts'
import { playTape } from './loop-play.ts'
import { medianQuantileMs } from './median-quantile.ts'
import type { BenchResult } from './result.ts'
import { fullTape } from './tape.ts'

/** How long to play: the tape as fast as it goes, and rounds of real time for each of the two threads. */
export interface LoopBenchSize {
  readonly minutes: number
  readonly rounds: number
  readonly roundMs: number
}

const wholeSize: LoopBenchSize = { minutes: fullTape.minutes, rounds: 3, roundMs: 20_000 }
const hourSec = 3_600

const lagResults = async ({ rounds, roundMs }: LoopBenchSize): Promise<readonly BenchResult[]> => {
  const own: Lag[] = []
  const main: Lag[] = []
  let correct = true
  for (let round = 0; round < rounds; round++) {
    for (const [where, lags] of [
      ['own', own],
      ['main', main],
    ] as const) {
      const played = await measureLag(where, roundMs)
      lags.push(played.lag)
      correct &&= played.mismatches === 0 && played.lag.count > 0
    }
  }
  const n = own.reduce((sum, lag) => sum + lag.count, 0)
  return [0.5, 0.99].map((quantile): BenchResult => {
    const [ours, peer] = [medianQuantileMs(own, quantile), medianQuantileMs(main, quantile)]
    return {
      bench: `event to decision, p${quantile * 100}`,
      n,
      rounds,
      ours,
      peer,
      peerName: 'the same handler on the loaded main thread',
      unit: 'ms',
      ratio: peer / ours,
      correct,
    }
  })
}

const speedResults = (minutes: number): readonly BenchResult[] => {
  const flips = Math.round((fullTape.flips / fullTape.minutes) * minutes)
  const shape = { ...fullTape, minutes, flips }
  const play = playTape(shape)
  // Every account that the tape fells was planned for or refused with a reason, and no other.
  const correct = play.positions === flips && play.ticks === shape.ticksPerSec * minutes * 60
  const perSec = (1_000 * play.events) / play.loopMs
  const dueSec = play.events / (minutes * 60)
  const gigabytes = (bytes: number): number => (bytes * hourSec) / (minutes * 60) / 1e9
  return [
    {
      bench: 'events through the loop, journalled',
      n: play.events,
      rounds: 1,
      ours: perSec,
      peer: null,
      peerName: `none; the tape brings ${Math.round(dueSec)} a second`,
      unit: 'events/s',
      ratio: null,
      correct: correct && perSec > dueSec,
    },
    {
      bench: 'journal growth at 5,000 ticks/s and 600 logs a block',
      n: play.ticks,
      rounds: 1,
      ours: gigabytes(play.journalBytes),
      peer: gigabytes(play.plainTickBytes),
      peerName: 'JSON.stringify of the ticks alone, a line each',
      unit: 'GB/h',
      ratio: play.plainTickBytes / play.journalBytes,
      correct: correct && gigabytes(play.journalBytes) < 1,
    },
  ]
}

/** Measures the loop on the tape: lag under load, speed, and what the journal takes. */
export const benchLoop = async (
  size: LoopBenchSize = wholeSize,
): Promise<readonly BenchResult[]> => [...speedResults(size.minutes), ...(await lagResults(size))]
