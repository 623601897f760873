import type { Book } from '../book/book.ts'
import type { Reason } from '../core/reasons.ts'
import type { Address } from '../core/types/chain.ts'
import type { FairPrice } from '../core/types/price.ts'
import { gas, type Raw, raw, type Sec, sec, WAD, wei } from '../core/units.ts'
import type { Opportunity, PriceView, ProtocolBook } from '../protocols/protocol.ts'
import { planBatch } from '../strategies/batch.ts'
import { mayPlan } from '../strategies/find-opportunities.ts'
import { createGuard } from '../strategies/guard.ts'
import type { LiquidationParams } from '../strategies/params.ts'
import type { World } from '../strategies/strategy.ts'
import { flipOf } from './flip-price.ts'
import type { LoopSettings } from './settings.ts'

/** A position with debt, as it stands and as it would after what may come. */
export interface PositionRow {
  /** `protocol:account`, lower case. */
  readonly position: string
  readonly protocol: string
  readonly account: Address
  readonly collateral: readonly string[]
  readonly debt: readonly string[]
  readonly collateralUsd: number
  readonly debtUsd: number
  readonly healthFactor: number
  /** With every asset at its fair price; null where one is not known. */
  readonly healthFactorFair: number | null
  /** At the next block's time, with the updates that are on their way. */
  readonly healthFactorNextBlock: number
  /** Null where no answer of its largest collateral alone would flip it. */
  readonly flip: {
    readonly asset: string
    readonly priceUsd: number
    /** How far that is from the answer now: below zero when it must fall. */
    readonly distanceBps: number
  } | null
  /** What closing it pays, now or where it flips; null when that is nothing. */
  readonly closing: {
    readonly collateral: string
    readonly debt: string
    readonly repayRaw: string
    readonly seizeRaw: string
    readonly profitWei: string
    readonly netUsd: number
  } | null
  /** Why it is not being taken; null when it is. */
  readonly reason: Reason | null
}

/** Which positions are asked for; absent fields leave out nothing. */
export interface PositionFilter {
  readonly protocol?: string | undefined
  /** A collateral or debt asset, by its symbol. */
  readonly asset?: string | undefined
  readonly minUsd?: number | undefined
  readonly maxUsd?: number | undefined
}

export interface PositionTotals {
  readonly positions: number
  readonly debtUsd: number
  readonly liquidatable: number
}

interface Near {
  readonly protocol: ProtocolBook
  readonly account: Address
  readonly healthFactorWad: bigint
  readonly collateralUsd: number
  readonly debtUsd: number
  readonly tokens: ReturnType<ProtocolBook['tokensOf']>
}

const PLENTY_WEI = wei(10n ** 24n)
const dollarsOf = (amountBase: bigint): number => Number(amountBase) / 1e8
const factorOf = (factorWad: bigint): number => Number(factorWad) / 1e18

/** Returns a book's positions with debt, the nearest to liquidation first, and what they come to together. */
export const positionRows = (
  { book, fair }: { readonly book: Book; readonly fair: ReadonlyMap<string, FairPrice> },
  settings: LoopSettings,
  filter: PositionFilter,
  limit: number,
): { readonly rows: readonly PositionRow[]; readonly totals: PositionTotals } => {
  const { head } = book
  if (head === undefined) return { rows: [], totals: { positions: 0, debtUsd: 0, liquidatable: 0 } }
  const nowView = book.view(head.timestampSec)
  const nextSec = sec(head.timestampSec + settings.blockTimeSec)
  const pending = new Map(
    [...book.pending.values()]
      .toSorted((a, b) => a.seenMs - b.seenMs)
      .map(({ aggregator, answerRaw }) => [aggregator.toLowerCase(), answerRaw]),
  )
  const nextView = book.view(nextSec, pending)
  const fairView = fairViewOf(book, fair, head.timestampSec)

  const wanted = book.protocols.flatMap((protocol) =>
    isWanted(protocol.id, filter.protocol) ? nearIn(protocol, nowView, filter) : [],
  )
  const near = wanted.toSorted((a, b) =>
    a.healthFactorWad === b.healthFactorWad
      ? a.account < b.account
        ? -1
        : 1
      : a.healthFactorWad < b.healthFactorWad
        ? -1
        : 1,
  )

  const rowOf = ({ protocol, account, tokens, ...rest }: Near): PositionRow => {
    const flip = flipOf({ book, protocol }, account, head.timestampSec)
    const isFallen = rest.healthFactorWad < WAD
    const view =
      isFallen || flip === undefined
        ? nextView
        : book.view(nextSec, new Map([[flip.feed.aggregator.toLowerCase(), flip.answerRaw]]))
    const opportunity = protocol.examine(account, view)
    const { closing, reason } = closingOf(opportunity, { book, fair }, settings, nextSec)
    const answer = flip && Number(flip.feed.answerRaw)
    const fairWad = fairView && protocol.audited(account, fairView)?.healthFactorWad
    const nextWad = protocol.audited(account, nextView)?.healthFactorWad ?? rest.healthFactorWad
    return {
      position: `${protocol.id}:${account}`,
      protocol: protocol.id,
      account,
      collateral: tokens.collateral.map(({ symbol }) => symbol),
      debt: tokens.debt.map(({ symbol }) => symbol),
      collateralUsd: rest.collateralUsd,
      debtUsd: rest.debtUsd,
      healthFactor: factorOf(rest.healthFactorWad),
      healthFactorFair: fairWad === undefined ? null : factorOf(fairWad),
      healthFactorNextBlock: factorOf(nextWad),
      flip:
        flip === undefined
          ? null
          : {
              asset: flip.feed.asset,
              priceUsd: Number(flip.answerRaw) / 10 ** flip.feed.decimals,
              distanceBps: (Number(flip.answerRaw) / answer! - 1) * 1e4,
            },
      closing,
      reason: isFallen ? reason : 'healthy',
    }
  }

  return {
    rows: near.slice(0, limit).map(rowOf),
    totals: {
      positions: near.length,
      debtUsd: near.reduce((sum, { debtUsd }) => sum + debtUsd, 0),
      liquidatable: near.filter(({ healthFactorWad }) => healthFactorWad < WAD).length,
    },
  }
}

const isWanted = (name: string, wanted: string | undefined): boolean =>
  wanted === undefined || name.toLowerCase() === wanted.toLowerCase()

const nearIn = (
  protocol: ProtocolBook,
  view: PriceView,
  { asset, minUsd = 0, maxUsd = Number.POSITIVE_INFINITY }: PositionFilter,
): readonly Near[] =>
  [...protocol.accounts()].flatMap((account) => {
    const audited = protocol.audited(account, view)
    if (audited === undefined || audited.debtBase === 0n) return []
    const debtUsd = dollarsOf(audited.debtBase)
    if (debtUsd < minUsd || debtUsd > maxUsd) return []
    const tokens = protocol.tokensOf(account)
    const all = [...tokens.collateral, ...tokens.debt]
    if (asset !== undefined && !all.some(({ symbol }) => isWanted(symbol, asset))) return []
    const { healthFactorWad, collateralBase } = audited
    return [
      {
        ...{ protocol, account, tokens, healthFactorWad, debtUsd },
        collateralUsd: dollarsOf(collateralBase),
      },
    ]
  })

/** The view at which every feed answers its asset's fair price; undefined where one of them has none. */
const fairViewOf = (
  book: Book,
  fair: ReadonlyMap<string, FairPrice>,
  timestampSec: Sec,
): PriceView | undefined => {
  const answers = new Map<string, Raw>()
  for (const [aggregator, { asset, decimals }] of book.feeds) {
    const price = fair.get(asset)
    if (price === undefined || price.status === 'unknown') return undefined
    answers.set(aggregator, raw(BigInt(Math.round(price.usd * 10 ** decimals))))
  }
  return book.view(timestampSec, answers)
}

/** What closing pays by itself, whoever has an operator for it, and why it would not be done. */
const closingOf = (
  opportunity: Opportunity | undefined,
  { book, fair }: { readonly book: Book; readonly fair: ReadonlyMap<string, FairPrice> },
  settings: LoopSettings,
  nextBlockSec: Sec,
): Pick<PositionRow, 'closing' | 'reason'> => {
  const { head } = book
  if (opportunity === undefined || head === undefined) return { closing: null, reason: 'no-route' }
  const operator = { address: opportunity.account, nonce: 0, balanceWei: PLENTY_WEI }
  const world: World = {
    book: { ...book, head, pools: book.pools, operators: [operator] },
    fair,
    pools: book.pools,
    openGas: gas(0n),
    inFlight: new Set(),
    nextBlockSec,
  }
  const params: LiquidationParams = settings.strategies['partial-liquidation']
  const found = mayPlan([opportunity], world, params)
  const verdict = planBatch({
    opportunities: [opportunity],
    world,
    frame: {
      strategy: 'positions',
      head,
      behind: undefined,
      ahead: [],
      params,
      eligibleBlockOf: () => head.number,
    },
  })
  const item = verdict.plans[0]?.items[0]
  const guarded = createGuard({ ...settings.guard, mode: settings.mode }).review(world, verdict)
  const refusal = found.refusals[0] ?? guarded.refusals[0]
  const pair = opportunity.pairs.find(
    ({ collateral, debt }) => collateral.address === item?.collateral && debt.address === item.debt,
  )
  return {
    closing:
      item === undefined || pair === undefined
        ? null
        : {
            collateral: pair.collateral.symbol,
            debt: pair.debt.symbol,
            repayRaw: String(item.repayRaw),
            seizeRaw: String(item.seizeRaw),
            profitWei: String(item.profitWei),
            netUsd: item.netUsd,
          },
    reason: refusal?.reason ?? (settings.mode === 'dry-run' ? 'mode-dry-run' : null),
  }
}
