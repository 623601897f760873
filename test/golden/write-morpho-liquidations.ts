/**
 * Writes morpho-liquidations.json anew from the genuine bytecode, the rarest outcomes first:
 * `npx tsx test/golden/write-morpho-liquidations.ts`.
 */
import { writeFileSync } from 'node:fs'
import {
  type GoldenLiquidation,
  goldenLiquidationsFile,
  toGoldenLiquidations,
} from '../support/golden-liquidations.ts'
import { followMorpho } from '../support/morpho-follower.ts'
import { startMorphoLab } from '../support/morpho-lab.ts'
import { enrich, populateMorpho, stirMorpho } from '../support/morpho-population.ts'
import { bob, liquidateAtRandom } from '../support/morpho-trials.ts'
import { seeded } from '../support/seeded.ts'

const perMarket = 24
const random = seeded(303)
const lab = await startMorphoLab()
const classes = new Map<string, GoldenLiquidation[]>()

try {
  const follower = await followMorpho(lab)
  const borrowers = await populateMorpho(lab, follower, random, 24)
  await follower.mine(enrich(lab, bob), 1)
  for (let round = 0; round < 16; round++) {
    for (const market of lab.markets) {
      const factor = BigInt(Math.round(random.between(0.3, 1.3) * 1e6))
      const priceRaw = (market.startPriceRaw * factor) / 1_000_000n + BigInt(random.below(1e9))
      await follower.setPrice(market, round === 9 ? 0n : priceRaw)
    }
    for (const trial of await liquidateAtRandom(lab, follower, random, borrowers)) {
      const { it, asked, actual } = trial
      const outcome = actual.replaceAll(/[1-9]\d*/g, '1')
      const name = `${it.lltvWad} ${asked.seizeRaw > 0n} ${it.priceRaw === 0n} ${outcome}`
      const { borrowSharesRaw, collateralRaw } = it.holding
      classes.set(name, [
        ...(classes.get(name) ?? []),
        { it: { ...it, holding: { borrowSharesRaw, collateralRaw } }, asked, actual },
      ])
    }
    await stirMorpho(lab, follower, random, borrowers, 1 + random.below(86_400))
  }
} finally {
  await lab.chain.anvil.stop()
}

const rarest = [...classes.values()].sort((a, b) => a.length - b.length)
const taken: GoldenLiquidation[] = []
for (let turn = 0; taken.length < perMarket * lab.markets.length && turn < 9; turn++) {
  taken.push(...rarest.flatMap((all) => all.slice(turn, turn + 1)))
}
writeFileSync(
  goldenLiquidationsFile,
  `${toGoldenLiquidations(taken.slice(0, perMarket * lab.markets.length))}\n`,
)
