import { zeroAddress } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import type { MorphoOracle } from '../../core/types/market.ts'
import { type Raw, raw } from '../../core/units.ts'
import { oracleAbi } from './abi.ts'
import { oraclePrice } from './oracle-price.ts'
import { ask, type ReadCall, type Reading } from './reading.ts'
import { scaleFactor } from './scale-factor.ts'

interface SideTerms {
  readonly vault: Address
  readonly sampleRaw: Raw
  readonly feeds: readonly Address[]
}

/** A feed as it stands at the reading's block. */
interface FeedNow {
  readonly decimals: number
  readonly answerRaw: Raw
  /** Behind a proxy; a feed that is none stands for itself. */
  readonly aggregator: Address
}

const callOf = (address: Address, functionName: string, ...args: readonly unknown[]): ReadCall => ({
  address,
  abi: oracleAbi,
  functionName,
  args,
})

const termsOf = (answers: readonly unknown[]): SideTerms => {
  const [vault, sample, feed1, feed2] = answers as readonly [Address, bigint, Address, Address]
  return {
    vault,
    sampleRaw: raw(sample),
    feeds: [feed1, feed2].filter((feed) => feed !== zeroAddress),
  }
}

function* readVault({ vault, sampleRaw }: SideTerms): Reading<Raw | undefined> {
  if (vault === zeroAddress) return raw(1n)
  const [assets] = yield* ask<bigint>([callOf(vault, 'convertToAssets', sampleRaw)])
  return assets === undefined ? undefined : raw(assets)
}

function* readFeeds({ feeds }: SideTerms): Reading<readonly FeedNow[] | undefined> {
  const answers = yield* ask<unknown>(
    feeds.flatMap((feed) => [
      callOf(feed, 'decimals'),
      callOf(feed, 'latestRoundData'),
      callOf(feed, 'aggregator'),
    ]),
  )
  const now: FeedNow[] = []
  for (const [index, feed] of feeds.entries()) {
    const [decimals, round, aggregator] = answers.slice(3 * index, 3 * index + 3)
    if (decimals === undefined || round === undefined) return undefined
    now.push({
      decimals: Number(decimals),
      answerRaw: raw((round as readonly bigint[])[1]!),
      aggregator: (aggregator as Address | undefined) ?? feed,
    })
  }
  return now
}

/** Returns a side as the book holds it, with what its constructor saw; undefined where vault or feeds do not answer. */
function* readSide(terms: SideTerms, tokenDecimals: number) {
  const vaultAssetsRaw = yield* readVault(terms)
  const feeds = yield* readFeeds(terms)
  if (vaultAssetsRaw === undefined || feeds === undefined) return undefined
  return {
    side: { vaultAssetsRaw, feeds: feeds.map(({ aggregator }) => aggregator) },
    feeds,
    constructed: {
      hasVault: terms.vault !== zeroAddress,
      sampleRaw: terms.sampleRaw,
      feedDecimals: feeds.map(({ decimals }) => decimals),
      tokenDecimals,
    },
  }
}

const getters = ['VAULT', 'VAULT_CONVERSION_SAMPLE', 'FEED_1', 'FEED_2']

/**
 * Reads an oracle. It is understood when it answers as a MorphoChainlinkOracleV2 does, its scale is what the decimals of
 * the tokens and feeds make of it, and its price at this block is the one that we compute.
 */
export function* readOracle(
  address: Address,
  collateralDecimals: number,
  loanDecimals: number,
): Reading<MorphoOracle> {
  const unknown: MorphoOracle = { kind: 'unknown', address }
  const answers = yield* ask<unknown>([
    ...['BASE', 'QUOTE'].flatMap((side) =>
      getters.map((getter) => callOf(address, `${side}_${getter}`)),
    ),
    callOf(address, 'SCALE_FACTOR'),
    callOf(address, 'price'),
  ])
  const scaleFactorRaw = answers[8] as Raw | undefined
  if (answers.slice(0, 9).includes(undefined) || scaleFactorRaw === undefined) return unknown
  const base = yield* readSide(termsOf(answers.slice(0, 4)), collateralDecimals)
  const quote = yield* readSide(termsOf(answers.slice(4, 8)), loanDecimals)
  if (base === undefined || quote === undefined) return unknown
  if (scaleFactor(base.constructed, quote.constructed) !== scaleFactorRaw) return unknown
  const answerOf = new Map(
    [...base.feeds, ...quote.feeds].map(({ aggregator, answerRaw }) => [
      aggregator.toLowerCase(),
      answerRaw,
    ]),
  )
  const parts = { scaleFactorRaw, base: base.side, quote: quote.side }
  const priceRaw = oraclePrice(parts, (feed) => answerOf.get(feed))
  const isOurs = (typeof priceRaw === 'bigint' ? priceRaw : undefined) === answers[9]
  return isOurs ? { kind: 'chainlink-v2', address, ...parts } : unknown
}
