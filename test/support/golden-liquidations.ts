import { existsSync, readFileSync } from 'node:fs'
import type { Asked, LiquidateCase } from '../../protocols/morpho-blue/liquidate.ts'

/** A call of the genuine `Morpho.liquidate`: what it depended on, what was asked, and what came of it. */
export interface GoldenLiquidation {
  readonly it: LiquidateCase
  readonly asked: Asked
  readonly actual: string
}

export const goldenLiquidationsFile = new URL('../golden/morpho-liquidations.json', import.meta.url)

/** Bigints are written as text that ends in n. */
export const toGoldenLiquidations = (all: readonly GoldenLiquidation[]): string =>
  JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? `${value}n` : value), 2)

export const readGoldenLiquidations = (): readonly GoldenLiquidation[] =>
  existsSync(goldenLiquidationsFile)
    ? (JSON.parse(readFileSync(goldenLiquidationsFile, 'utf8'), (_, value) =>
        typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
      ) as readonly GoldenLiquidation[])
    : []
