import { describe, expect, test } from 'vitest'
import { codeOf, sourceFiles } from './sources.ts'

const ending: Readonly<Record<string, RegExp>> = {
  Raw: /Raw$/,
  Wei: /Wei$/,
  Wad: /Wad$/,
  Ray: /Ray$/,
  Base: /Base$/,
  Gas: /^gas|Gas$|gasLimit$/i,
  Bps: /Bps$/,
  Ms: /Ms$/,
  Sec: /Sec$/,
}

/** Names that are no quantity, or the contract's own. */
const allowed = new Set(['sqrtPriceX96', 'liquidity', 'delta', 'amount', 'collateralBitmap'])

describe('units', () => {
  const fields = sourceFiles([
    'core',
    'protocols',
    'venues',
    'book',
    'strategies',
    'execution',
  ]).flatMap((file) =>
    [
      ...codeOf(file).matchAll(
        /readonly (\w+)\??: (bigint|Raw|Wei|Wad|Ray|Base|Gas|Bps|Ms|Sec)\b(?!\()/g,
      ),
    ].map((match) => ({ file, name: match[1]!, type: match[2]! })),
  )

  test('there are quantities to hold to the rule', () => {
    expect(fields.length).toBeGreaterThan(40)
  })

  test('every branded field ends in its unit', () => {
    const wrong = fields.filter(
      ({ name, type }) => type !== 'bigint' && !allowed.has(name) && !ending[type]!.test(name),
    )
    expect(wrong).toEqual([])
  })

  test('every bigint field ends in a unit or is on the list', () => {
    // A file that reads a contract's own structs names their fields as the contract does.
    const wrong = fields.filter(
      ({ file, name, type }) =>
        type === 'bigint' &&
        !file.endsWith('/read.ts') &&
        !allowed.has(name) &&
        !Object.values(ending).some((pattern) => pattern.test(name)) &&
        !/X96$|X128$/.test(name),
    )
    expect(wrong).toEqual([])
  })
})
