/**
 * Writes the Morpho goldens anew, boundary cases of the shared vectors: `npx tsx test/golden/write-morpho.ts`.
 * A case is on a boundary where its outcome, its branch or the size of its numbers is rare among the others.
 */
import { writeFileSync } from 'node:fs'
import {
  goldenMorpho,
  type Json,
  type MorphoKind,
  morphoKinds,
  readMorphoVectors,
} from '../support/morpho-vectors.ts'

type Case = Readonly<Record<string, Json>>

const perKind = 60
const TARGET = 9n * 10n ** 17n
const WAD = 10n ** 18n

const big = (json: Json | undefined): bigint => BigInt(String(json ?? 0))
const bitsOf = (value: bigint): string => String(value.toString(2).length >> 3)

/** What makes a case the like of another: of each class, cases are taken in turn. */
const classOf: Readonly<Record<MorphoKind, (it: Case) => string>> = {
  wexp: ({ x }) => {
    const isBound = x === '93859467695000404320' || x === '93859467695000404319'
    return isBound ? String(x) : `${big(x) < 0n}/${(big(x) / 693_147_180_559_945_309n) >> 2n}`
  },
  adaptive_curve_irm: (it) => {
    const [supply, borrow] = [big(it.totalSupplyAssets), big(it.totalBorrowAssets)]
    const utilization = supply === 0n ? -1n : (borrow * WAD) / supply
    const place =
      utilization === -1n || borrow === 0n
        ? 'empty'
        : utilization > WAD
          ? 'over'
          : utilization === TARGET
            ? 'target'
            : `${utilization > TARGET}`
    const near = utilization - TARGET < 3n && TARGET - utilization < 3n
    const { endRateAtTarget } = it.expect as Case
    const clamp = ['31709791', '63419583967'].indexOf(String(endRateAtTarget))
    const first = it.startRateAtTarget === '0'
    return `${place}/${near}/${clamp}/${first}/${big(it.elapsed) === 0n}`
  },
  accrue_adaptive: ({ market, accruals }) => {
    const { fee, totalSupplyAssets, rateAtTarget } = market as Case
    const list = accruals as readonly Case[]
    const idle = list.some(({ event }) => event === null)
    return `${list.length}/${fee === '0'}/${rateAtTarget === '0'}/${idle}/${bitsOf(big(totalSupplyAssets))}`
  },
  chainlink_oracle_v2: (it) => {
    const { constructorRevert, priceRevert, price, scaleFactor } = it.expect as Case
    const parts = ['baseVault', 'baseFeed1', 'baseFeed2', 'quoteVault', 'quoteFeed1', 'quoteFeed2']
    const shape = price === '0' || price === undefined ? '' : parts.map((part) => it[part] === null)
    return `${constructorRevert}/${priceRevert}/${price === '0'}/${scaleFactor === '0'}/${shape}`
  },
  pre_liquidation: (it) => {
    const { revert, borrowSharesAfter } = it.expect as Case
    return `${it.params}/${revert}/${it.seizedAssets === '0'}/${borrowSharesAfter === '0'}`
  },
}

for (const kind of morphoKinds) {
  const { shared } = readMorphoVectors<Case>(kind)
  if (shared === undefined) throw new RangeError('set BAILIFF_SHARED')
  const classes = new Map<string, Case[]>()
  for (const it of shared.cases) {
    const name = classOf[kind](it)
    classes.set(name, [...(classes.get(name) ?? []), it])
  }
  // The rarest first, one of each in turn until there are enough.
  const rarest = [...classes.values()].sort((a, b) => a.length - b.length)
  const taken: Case[] = []
  for (let turn = 0; taken.length < perKind && rarest.some((cases) => cases[turn]); turn++) {
    taken.push(...rarest.flatMap((cases) => cases.slice(turn, turn + 1)))
  }
  const cases = taken.slice(0, Math.max(perKind, classes.size))
  const { split: _split, ...about } = shared._about
  const text = [
    `{"_about": ${JSON.stringify({ ...about, count: cases.length })},`,
    `"cases": [\n${cases.map((it) => JSON.stringify(it)).join(',\n')}\n]}\n`,
  ].join('\n')
  writeFileSync(goldenMorpho(kind), text)
}
