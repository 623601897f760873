import { min } from '../../core/math.ts'
import type { Address } from '../../core/types/chain.ts'
import type { MorphoMarket, MorphoPosition, MorphoTotals } from '../../core/types/market.ts'
import type { MorphoCall } from '../../core/types/plan.ts'
import { type Raw, raw, WAD, type Wad } from '../../core/units.ts'
import type { Pair } from '../protocol.ts'
import { type Asked, incentiveFactor, liquidate } from './liquidate.ts'
import type { MarketAt } from './market-at.ts'
import { preLiquidate, preLiquidationOffer } from './pre-liquidate.ts'
import { toSharesDown } from './shares-math.ts'

type Amounts = ReturnType<Pair['seizeOf']>

/** One way to close a position, by Morpho itself or by a PreLiquidation contract. */
interface Way {
  readonly kind: MorphoCall['kind']
  readonly target: Address
  readonly market: MorphoMarket
  readonly borrow: MorphoTotals
  readonly collateralRaw: Raw
  /** The most shares that the way lets anyone repay. */
  readonly limitSharesRaw: Raw
  readonly factorWad: Wad
  /** What a call moves, undefined for one that is refused. */
  readonly amountsOf: (asked: Asked) => Amounts | undefined
}

const NOTHING = { repayRaw: raw(0n), seizeRaw: raw(0n) }
const NONE = raw(0n)

/** Repays all that may be repaid where the collateral pays for it, else takes all of the collateral. */
const largestOf = ({ limitSharesRaw, collateralRaw, amountsOf }: Way): Asked | undefined =>
  [
    { seizeRaw: NONE, repaySharesRaw: limitSharesRaw },
    { seizeRaw: collateralRaw, repaySharesRaw: NONE },
  ].find((asked) => amountsOf(asked) !== undefined)

const pairOf = (way: Way): readonly Pair[] => {
  const { kind, target, market, borrow, factorWad, amountsOf } = way
  const largest = largestOf(way)
  const most = largest && amountsOf(largest)
  // What costs nothing, at a price of zero, cannot be told by what is repaid.
  if (largest === undefined || most === undefined || most.repayRaw === 0n) return []
  // Below the most, the shares of a repayment never seize more than there is: the same collateral costs no more by itself.
  const askedOf = (repayRaw: Raw): Asked =>
    repayRaw >= most.repayRaw
      ? largest
      : { seizeRaw: NONE, repaySharesRaw: toSharesDown(repayRaw, borrow) }
  const params = {
    loanToken: market.loan.address,
    collateralToken: market.collateral.address,
    oracle: market.oracle.address,
    irm: market.irm,
    lltvWad: market.lltvWad,
  }
  return [
    {
      collateral: market.collateral,
      debt: market.loan,
      maxRepayRaw: most.repayRaw,
      bonusBps: Number((factorWad * 10_000n) / WAD),
      seizeOf: (repayRaw) => amountsOf(askedOf(repayRaw)) ?? NOTHING,
      callOf: (repayRaw) => {
        const asked = askedOf(repayRaw)
        if (amountsOf(asked) === undefined) return undefined
        return { kind, target, market: params, ...asked, callback: true }
      },
    },
  ]
}

/** Returns the ways to close a position at a view: by liquidation, and by each pre-liquidation that may act for the account. */
export const pairsOf = (holding: MorphoPosition, at: MarketAt): readonly Pair[] => {
  const { market, priceRaw, preLiquidations } = at
  const { supply, borrow } = at.state
  const { lltvWad } = market
  if (priceRaw === undefined) return []
  const common = { market, borrow, collateralRaw: holding.collateralRaw }
  const liquidation = pairOf({
    ...common,
    kind: 'liquidate',
    target: market.morpho,
    limitSharesRaw: holding.borrowSharesRaw,
    factorWad: incentiveFactor(lltvWad),
    amountsOf: (asked) => {
      const result = liquidate({ holding, supply, borrow, priceRaw, lltvWad }, asked)
      return typeof result === 'string' ? undefined : result
    },
  })
  const early = preLiquidations.flatMap(({ terms, priceRaw: prePriceRaw }) => {
    const target = terms.address.toLowerCase() as Address
    if (!holding.authorized.includes(target)) return []
    const it = { terms, holding, borrow, prePriceRaw, priceRaw, lltvWad }
    const offer = preLiquidationOffer(it)
    if (typeof offer === 'string') return []
    return pairOf({
      ...common,
      kind: 'pre-liquidate',
      target: terms.address,
      // Its close factor may be above one.
      limitSharesRaw: min(offer.repayableSharesRaw, holding.borrowSharesRaw),
      factorWad: offer.incentiveFactorWad,
      amountsOf: (asked) => {
        const result = preLiquidate(it, asked)
        return typeof result === 'string' ? undefined : result
      },
    })
  })
  return [...liquidation, ...early]
}
