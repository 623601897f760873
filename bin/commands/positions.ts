import { createLogger } from '../../bot/logger.ts'
import { loopSettingsOf } from '../../bot/loop-settings-of.ts'
import { type PositionFilter, type PositionRow, positionRows } from '../../bot/position-rows.ts'
import { readConfig } from '../../bot/read-config.ts'
import { type ReadWorld, readOnce } from '../../bot/read-once.ts'
import { didYouMean } from '../../core/did-you-mean.ts'
import { ConfigError } from '../../core/errors.ts'
import { columns } from '../columns.ts'

export interface PositionsOptions extends PositionFilter {
  readonly config: string
  readonly json: boolean
  readonly limit: number
}

/** Throws ConfigError unless the name is known, whatever its case. */
const expectKnown = (option: string, name: string | undefined, known: readonly string[]): void => {
  if (name === undefined || known.some((one) => one.toLowerCase() === name.toLowerCase())) return
  const guess = didYouMean(name, known)
  throw new ConfigError(
    'FILTER_UNKNOWN',
    `Give ${option} one of ${known.join(', ')}; "${name}" is none${guess === undefined ? '' : `, did you mean ${guess}?`}`,
  )
}

const symbolsIn = ({ book }: ReadWorld): readonly string[] => {
  const symbols = book.protocols.flatMap((protocol) =>
    [...protocol.accounts()].flatMap((account) => {
      const { collateral, debt } = protocol.tokensOf(account)
      return [...collateral, ...debt].map(({ symbol }) => symbol)
    }),
  )
  return [...new Set(symbols)].toSorted()
}

const usd = (amount: number): string =>
  amount.toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 })

const factor = (value: number | null): string => (value === null ? '?' : value.toFixed(4))

const cellsOf = (row: PositionRow): readonly string[] => [
  `${row.account.slice(0, 10)}…`,
  `${row.collateral.join('+')} / ${row.debt.join('+')}`,
  usd(row.debtUsd),
  factor(row.healthFactor),
  factor(row.healthFactorFair),
  factor(row.healthFactorNextBlock),
  row.flip === null
    ? 'never'
    : `${row.flip.asset} ${row.flip.priceUsd.toPrecision(6)} (${(row.flip.distanceBps / 100).toFixed(2)} %)`,
  row.closing === null ? 'nothing' : usd(row.closing.netUsd),
  row.reason ?? 'being taken',
]

/** Prints the positions nearest to liquidation: a table, or one line of JSON. */
export const runPositions = async (
  options: PositionsOptions,
  signal: AbortSignal,
): Promise<number> => {
  const config = readConfig(options.config, process.env)
  const logger = createLogger(config.log.level, process.stderr.isTTY === true)
  const world = await readOnce(
    config,
    { info: (text) => logger.info(text), warn: (text) => logger.warn(text) },
    signal,
  )
  if (world === undefined) return 130
  expectKnown(
    '--protocol',
    options.protocol,
    world.book.protocols.map(({ id }) => id),
  )
  expectKnown('--asset', options.asset, symbolsIn(world))
  const settings = loopSettingsOf(config, 'positions')
  const { rows, totals } = positionRows(world, settings, options, options.limit)
  const head = world.book.head!
  if (options.json) {
    const result = { block: head.number, timestampSec: head.timestampSec, positions: rows, totals }
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return 0
  }
  const titles = [
    'account',
    'collateral / debt',
    'owes',
    'health',
    'at fair',
    'next block',
    'flips at',
    'pays',
    'not taken for',
  ]
  process.stdout.write(
    `${columns([titles, ...rows.map(cellsOf)])}\n\nblock ${head.number}: ${totals.positions} positions owe ${usd(totals.debtUsd)}, ${totals.liquidatable} can be liquidated${rows.length < totals.positions ? `; the ${rows.length} nearest are shown` : ''}\n`,
  )
  return 0
}
