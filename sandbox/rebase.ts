import { openingUsd } from './chain/deploy.ts'
import type { Scenario } from './scenario.ts'

/** Returns the scenario with its prices counted from what the feeds answered, and its times from a block. */
export const rebase = (
  scenario: Scenario,
  answersUsd: ReadonlyMap<string, number>,
  head: { readonly number: number; readonly timestampSec: number },
): Scenario => {
  const { blockTimeSec } = scenario.chain
  const factorOf = (asset: string): number => {
    const answerUsd = answersUsd.get(asset)
    return answerUsd === undefined ? 1 : answerUsd / openingUsd(scenario, asset)
  }
  const scaled = (asset: string, path: readonly (readonly [number, number])[]) =>
    path.map(([sec, usd]): [number, number] => [sec, usd * factorOf(asset)])
  const { capturedOverBruteForce: _, netOverBruteForce: __, ...expect } = scenario.expect
  return {
    ...scenario,
    chain: {
      ...scenario.chain,
      startSec: head.timestampSec + blockTimeSec,
      firstBlock: head.number + 1,
    },
    pools: scenario.pools.map((pool) => ({ ...pool, follows: false })),
    positions: { ...scenario.positions, count: 0 },
    prices: Object.fromEntries(
      Object.entries(scenario.prices).map(([asset, price]) => [
        asset,
        { ...price, usd: scaled(asset, price.usd) },
      ]),
    ),
    oracles: Object.fromEntries(
      Object.entries(scenario.oracles).map(([asset, oracle]) => [
        asset,
        { ...oracle, answers: scaled(asset, oracle.answers) },
      ]),
    ),
    expect,
  }
}
