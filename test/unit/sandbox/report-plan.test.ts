import { describe, expect, test } from 'vitest'
import { createReportPlan } from '../../../sandbox/actors/report-plan.ts'
import type { Scenario } from '../../../sandbox/scenario.ts'
import { aScenario } from '../../support/a-scenario.ts'

type Oracle = Scenario['oracles'][string]

const base = aScenario()

const aPlan = (oracle: Partial<Oracle>, usd: [number, number][], openingUsd = usd[0]![1]) =>
  createReportPlan(
    {
      ...base,
      prices: { ETH: { usd, exchanges: {} } },
      oracles: {
        ETH: { ...base.oracles.BTC!, delaySec: 12, ...oracle },
      },
    },
    'ETH',
    openingUsd,
  )

/** What is said for each block of 12 s, asked 7 s before it: `[block, answer, observed]`. */
const saidBy = (plan: ReturnType<typeof aPlan>, untilSec: number) => {
  const said: [number, number, number][] = []
  for (let blockSec = 12; blockSec <= untilSec; blockSec += 12) {
    const report = plan.due(blockSec - 7, blockSec)
    if (report) said.push([blockSec, report.answerUsd, report.observedSec])
  }
  return said
}

describe('createReportPlan', () => {
  test('behavior: a script leaves its opening answer to the deployment and says each other once', () => {
    const answers: [number, number][] = [
      [-60, 90],
      [0, 100],
      [12, 101],
      [13, 102],
      [40, 103],
    ]
    expect(saidBy(aPlan({ answers }, [[0, 100]]), 96)).toEqual([
      [12, 101, 5],
      [24, 102, 17],
      [48, 103, 41],
    ])
  })

  test('behavior: blocks that were slept through end in the last answer of the script', () => {
    const answers: [number, number][] = [
      [12, 101],
      [24, 102],
    ]
    expect(aPlan({ answers }, [[0, 100]]).due(90, 96)).toEqual({ answerUsd: 102, observedSec: 90 })
  })

  test('behavior: a move of the threshold is reported as it was `delaySec` ago', () => {
    const step: [number, number][] = [
      [20, 100],
      [20, 100.5],
    ]
    expect(saidBy(aPlan({}, step), 96)).toEqual([[48, 100.5, 29]])
    expect(saidBy(aPlan({ delaySec: 0 }, step), 96)).toEqual([[36, 100.5, 29]])
  })

  test('behavior: less than the threshold is kept silent, whatever it adds up to and back', () => {
    const wave: [number, number][] = [
      [0, 100],
      [30, 100.4],
      [60, 99.6],
      [90, 100],
    ]
    expect(saidBy(aPlan({}, wave), 120)).toEqual([])
  })

  test('behavior: a still price is reported at every heartbeat', () => {
    const said = saidBy(aPlan({ heartbeatSec: 60, delaySec: 0 }, [[0, 100]]), 240)
    expect(said.map(([block, answer]) => [block, answer])).toEqual([
      [72, 100],
      [132, 100],
      [192, 100],
    ])
  })

  test('behavior: an opening answer that is off the path already is corrected', () => {
    expect(saidBy(aPlan({ delaySec: 0 }, [[0, 100]], 99), 48)).toEqual([[12, 100, 5]])
  })

  test('behavior: an asset without an oracle says nothing', () => {
    expect(createReportPlan(base, 'FOO', 1).due(5, 12)).toBeUndefined()
  })
})
