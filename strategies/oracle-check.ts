import type { Feed } from '../core/types/market.ts'
import type { Plan } from '../core/types/plan.ts'
import type { World } from './strategy.ts'

/**
 * True when an answer that a plan rests on is farther than the limit from a fair price that is ok: of the updates that it
 * stands behind, and of the feeds that its protocol reads for the tokens that it moves.
 */
export const isOracleWrong = (plan: Plan, world: World, limitBps: number): boolean => {
  const answers = answersOf(plan, world)
  return [...answers].some(([asset, answerUsd]) => {
    const fair = world.fair.get(asset)
    // Written so that an answer of zero or less, which has no logarithm, is wrong as well.
    const agrees = (usd: number): boolean =>
      Math.abs(Math.log(answerUsd / usd)) * 10_000 <= limitBps
    return fair?.status === 'ok' && !agrees(fair.usd)
  })
}

/** The answers in dollars by asset; those of all feeds where a protocol does not tell which it reads. */
const answersOf = (plan: Plan, { book }: World): ReadonlyMap<string, number> => {
  const protocol = book.protocols.find(({ id }) => id === plan.protocol)
  const aggregatorOf = protocol?.aggregatorOf
  const read = aggregatorOf
    ? new Set(
        plan.items
          .flatMap(({ collateral, debt }) => [aggregatorOf(collateral), aggregatorOf(debt)])
          .map((aggregator) => aggregator?.toLowerCase()),
      )
    : undefined
  const updates = [...(plan.ahead ?? []), ...(plan.behind ? [plan.behind] : [])]
  const pending = new Map(
    updates.map(({ aggregator, answerRaw }) => [aggregator.toLowerCase(), answerRaw]),
  )
  const answers = new Map<string, number>()
  for (const [aggregator, feed] of book.feeds) {
    const answerRaw = pending.get(aggregator)
    if (answerRaw !== undefined) answers.set(feed.asset, usdOf(feed, answerRaw))
    else if (read === undefined || read.has(aggregator))
      answers.set(feed.asset, usdOf(feed, feed.answerRaw))
  }
  return answers
}

const usdOf = ({ decimals }: Feed, answerRaw: bigint): number => Number(answerRaw) / 10 ** decimals
