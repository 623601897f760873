import { zeroAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../../core/errors.ts'
import type { Address, Hex } from '../../../../core/types/chain.ts'
import { readMarket, readPositions } from '../../../../protocols/morpho-blue/read.ts'
import type { ReadCall, Reading } from '../../../../protocols/morpho-blue/reading.ts'
import { alice, bob, mallory, marketId, otherId } from '../../../support/a-morpho-book.ts'

const named = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const [morpho, adaptiveCurveIrm, oracle, preOracle] = [named(1), named(2), named(3), named(4)]
const [usdc, steth, vault, quoteVault] = [named(5), named(6), named(7), named(8)]
const [proxy1, adapter, proxy2, aggregator1, aggregator2] = [9, 10, 11, 12, 13].map(named) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]
const [own, foreign, imitation] = [named(20), named(21), named(22)]
const addresses = { morpho, adaptiveCurveIrm }

type Answers = Readonly<Record<string, unknown>>

const round = (answer: bigint) => [1n, answer, 0n, 0n, 1n]

/** The vault's share is worth 1.25, its asset 0.99 of another that costs 1,800.5 dollars; the loan costs 1.0001. */
const oracleAnswers = (at: Address): Answers => ({
  [`BASE_VAULT ${at}`]: vault,
  [`BASE_VAULT_CONVERSION_SAMPLE ${at}`]: 10n ** 18n,
  [`BASE_FEED_1 ${at}`]: proxy1,
  [`BASE_FEED_2 ${at}`]: adapter,
  [`QUOTE_VAULT ${at}`]: zeroAddress,
  [`QUOTE_VAULT_CONVERSION_SAMPLE ${at}`]: 1n,
  [`QUOTE_FEED_1 ${at}`]: proxy2,
  [`QUOTE_FEED_2 ${at}`]: zeroAddress,
  // 36 + 6 + 8 − 18 − 8 − 18 digits, less the sample's.
  [`SCALE_FACTOR ${at}`]: 10n ** 6n / 10n ** 18n,
  [`price ${at}`]: 0n,
})

const params = (preLiquidationOracle: Address) => ({
  preLltv: 1n,
  preLCF1: 2n,
  preLCF2: 3n,
  preLIF1: 4n,
  preLIF2: 5n,
  preLiquidationOracle,
})

/** Feeds of eight decimals throughout, so that the scale is no fraction. */
const scale = 10n ** (36n + 6n + 8n - 18n - 8n - 8n) / 10n ** 6n
const priceNow = (scale * 1_250_000n * 180_050_000_000n * 99_000_000n) / 100_010_000n

const world: Answers = {
  [`idToMarketParams ${marketId}`]: [usdc, steth, oracle, adaptiveCurveIrm, 86n * 10n ** 16n],
  [`market ${marketId}`]: [10n, 20n, 5n, 6n, 1_234n, 7n],
  [`rateAtTarget ${marketId}`]: 99n,
  [`decimals ${usdc}`]: 6,
  [`decimals ${steth}`]: 18,
  [`symbol ${usdc}`]: 'USDC',
  ...oracleAnswers(oracle),
  [`BASE_VAULT_CONVERSION_SAMPLE ${oracle}`]: 10n ** 6n,
  [`SCALE_FACTOR ${oracle}`]: scale,
  [`price ${oracle}`]: priceNow,
  'convertToAssets 1000000': 1_250_000n,
  [`decimals ${proxy1}`]: 8,
  [`decimals ${adapter}`]: 8,
  [`decimals ${proxy2}`]: 8,
  [`latestRoundData ${proxy1}`]: round(180_050_000_000n),
  [`latestRoundData ${adapter}`]: round(99_000_000n),
  [`latestRoundData ${proxy2}`]: round(100_010_000n),
  [`aggregator ${proxy1}`]: aggregator1,
  [`aggregator ${proxy2}`]: aggregator2,
  [`MORPHO ${own}`]: morpho,
  [`ID ${own}`]: marketId,
  [`preLiquidationParams ${own}`]: params(preOracle),
  [`MORPHO ${foreign}`]: morpho,
  [`ID ${foreign}`]: otherId,
  [`preLiquidationParams ${foreign}`]: params(preOracle),
  [`MORPHO ${imitation}`]: mallory,
  [`ID ${imitation}`]: marketId,
  [`preLiquidationParams ${imitation}`]: params(preOracle),
}

const answer = <T>(reading: Reading<T>, answers: Answers): T => {
  const answerOf = ({ functionName, address, args }: ReadCall): unknown =>
    answers[[functionName, ...(args.length > 0 ? args : [address])].join(' ')]
  let step = reading.next()
  while (!step.done) step = reading.next(step.value.map(answerOf))
  return step.value
}

const read = (changed: Answers = {}, contracts: readonly Address[] = []) =>
  answer(readMarket(addresses, marketId, contracts), { ...world, ...changed })

describe('readMarket', () => {
  test('default: reads tokens, totals, the rate and an oracle that it understands', () => {
    expect(read()).toEqual({
      morpho,
      id: marketId,
      loan: { address: usdc, symbol: 'USDC', decimals: 6 },
      collateral: { address: steth, symbol: '0x000000', decimals: 18 },
      oracle: {
        kind: 'chainlink-v2',
        address: oracle,
        scaleFactorRaw: scale,
        base: { vaultAssetsRaw: 1_250_000n, feeds: [aggregator1, adapter] },
        quote: { vaultAssetsRaw: 1n, feeds: [aggregator2] },
      },
      irm: adaptiveCurveIrm,
      rateModel: 'adaptive-curve',
      lltvWad: 86n * 10n ** 16n,
      preLiquidations: [],
      state: {
        supply: { assetsRaw: 10n, sharesRaw: 20n },
        borrow: { assetsRaw: 5n, sharesRaw: 6n },
        feeWad: 7n,
        rateAtTargetWad: 99n,
        updatedSec: 1_234,
      },
    })
  })

  test.each<[string, Answers]>([
    ['has a price only', { [`SCALE_FACTOR ${oracle}`]: undefined }],
    ['has another price', { [`price ${oracle}`]: priceNow + 1n }],
    ['has a price where we have none', { [`latestRoundData ${proxy1}`]: round(-1n) }],
    ['has a scale that decimals do not make', { [`SCALE_FACTOR ${oracle}`]: scale * 10n }],
    ['stands on a feed that is silent', { [`latestRoundData ${adapter}`]: undefined }],
    ['stands on a feed without decimals', { [`decimals ${adapter}`]: undefined }],
    ['stands on a vault that is silent', { 'convertToAssets 1000000': undefined }],
    ['has a second vault that is silent', { [`QUOTE_VAULT ${oracle}`]: quoteVault }],
  ])('behavior: an oracle that %s is not understood', (_, changed) => {
    expect(read(changed).oracle).toEqual({ kind: 'unknown', address: oracle })
  })

  test('behavior: an oracle that reverts as we say it does is understood', () => {
    const changed = {
      [`latestRoundData ${proxy2}`]: round(0n),
      [`price ${oracle}`]: undefined,
    }
    expect(read(changed).oracle.kind).toBe('chainlink-v2')
  })

  test('behavior: tells a market without a rate model from one with an unknown one', () => {
    const withIrm = (irm: Address): Answers => ({
      [`idToMarketParams ${marketId}`]: [usdc, steth, oracle, irm, 1n],
    })
    expect(read(withIrm(zeroAddress))).toMatchObject({
      rateModel: 'none',
      state: { rateAtTargetWad: 0n },
    })
    expect(read(withIrm(mallory)).rateModel).toBe('unknown')
  })

  test('behavior: of the pre-liquidation contracts it keeps those of this market and this Morpho', () => {
    const { preLiquidations } = read({}, [foreign, own, imitation, mallory])
    expect(preLiquidations).toEqual([
      {
        address: own,
        preLltvWad: 1n,
        closeFactor1Wad: 2n,
        closeFactor2Wad: 3n,
        incentiveFactor1Wad: 4n,
        incentiveFactor2Wad: 5n,
        oracle: { kind: 'unknown', address: preOracle },
      },
    ])
  })

  test('error: a market that is not there, or does not answer, is refused', () => {
    expect(() => read({ [`market ${marketId}`]: [0n, 0n, 0n, 0n, 0n, 0n] })).toThrow(ProtocolError)
    expect(() => read({ [`decimals ${usdc}`]: undefined })).toThrow(ProtocolError)
    const reading = readMarket(addresses, marketId)
    reading.next()
    expect(() => reading.next([])).toThrow(ProtocolError)
  })
})

describe('readPositions', () => {
  const market = { morpho, id: marketId as Hex, preLiquidations: read({}, [own]).preLiquidations }

  test('default: reads what is owed, deposited and allowed, of those of whom there is anything to tell', () => {
    const answers: Answers = {
      [`position ${marketId} ${alice}`]: [1n, 2n, 3n],
      [`isAuthorized ${alice} ${own}`]: true,
      [`position ${marketId} ${bob}`]: [5n, 0n, 0n],
      [`isAuthorized ${bob} ${own}`]: false,
      [`position ${marketId} ${mallory}`]: [0n, 0n, 0n],
      [`isAuthorized ${mallory} ${own}`]: true,
    }
    expect(answer(readPositions(market, [alice, bob, mallory]), answers)).toEqual([
      { account: alice, borrowSharesRaw: 2n, collateralRaw: 3n, authorized: [own] },
      { account: mallory, borrowSharesRaw: 0n, collateralRaw: 0n, authorized: [own] },
    ])
    expect(answer(readPositions(market, []), answers)).toEqual([])
  })
})
