import { describe, expect, test } from 'vitest'
import type { Book } from '../../../book/book.ts'
import type { Plan } from '../../../core/types/plan.ts'
import type { FairPrice } from '../../../core/types/price.ts'
import { bps, gas, ms, raw, sec } from '../../../core/units.ts'
import { createGuard, type GuardParams } from '../../../strategies/guard.ts'
import type { World } from '../../../strategies/strategy.ts'
import { aBook, aHead, T0 } from '../../support/a-book.ts'
import { alice, anItem, anUpdate, aPlan, bob } from '../../support/a-bundle.ts'
import { aFeed } from '../../support/a-feed.ts'
import { aLender } from '../../support/a-lender.ts'
import { dai, usdc, weth } from '../../support/tokens.ts'

const params: GuardParams = {
  mode: 'live',
  maxHeadAgeMs: 36_000,
  maxPlanUsd: 10_000,
  maxBlockUsd: 15_000,
  oracleWrongBps: 1_500,
  denyAccounts: [],
  denyTokens: [],
}

const fairOf = (usd: number, status: FairPrice['status'] = 'ok'): FairPrice => ({
  asset: 'ETH',
  status,
  usd,
  confidenceBps: bps(5),
  sources: 3,
  atMs: ms(T0),
})

const worldOf = (book: Partial<Book> = {}, fields: Partial<World> = {}): World => ({
  book: { ...aBook({ nowMs: T0 + 1_000 }), ...book },
  fair: new Map([['ETH', fairOf(2_000)]]),
  openGas: gas(0n),
  inFlight: new Set(),
  nextBlockSec: sec(T0 / 1000 + 12),
  pools: { ...aBook(), ...book }.pools,
  ...fields,
})

/** Ten ether of collateral buy the debt: 20,000 dollars at the fair price. */
const planOf = (ether: number, fields: Partial<Plan> = {}): Plan =>
  aPlan({
    parentHash: aHead().hash,
    items: [anItem({ owedRaw: raw(BigInt(ether * 1e6) * 10n ** 12n) })],
    ...fields,
  })

describe('admit', () => {
  test('default: a plan on the head, within the caps, is admitted', () => {
    expect(createGuard(params).admit(planOf(1), worldOf())).toBe('admitted')
  })

  test('behavior: without a key nothing is', () => {
    expect(createGuard({ ...params, mode: 'watch' }).admit(planOf(1), worldOf())).toBe('mode-watch')
    expect(createGuard({ ...params, mode: 'dry-run' }).admit(planOf(1), worldOf())).toBe('admitted')
  })

  test('behavior: a book that differs from the chain is not acted upon', () => {
    expect(createGuard(params).admit(planOf(1), worldOf({ auditMismatches: ['alice'] }))).toBe(
      'audit-mismatch',
    )
  })

  test('behavior: an old head, another head and no head are stale', () => {
    const { admit } = createGuard(params)
    expect(admit(planOf(1), worldOf({ nowMs: ms(T0 + 36_001) }))).toBe('book-stale')
    expect(admit(planOf(1), worldOf({ head: undefined }))).toBe('book-stale')
    expect(admit(planOf(1, { targetBlock: 102 }), worldOf())).toBe('book-stale')
    expect(admit(planOf(1, { parentHash: '0x00' }), worldOf())).toBe('book-stale')
  })

  test('behavior: accounts and tokens are denied, or must be allowed, in any case of letters', () => {
    const upper = `0x${alice.slice(2).toUpperCase()}` as const
    const admits = (lists: Partial<GuardParams>) =>
      createGuard({ ...params, ...lists }).admit(planOf(1), worldOf())
    expect(admits({ denyAccounts: [upper] })).toBe('denied')
    expect(admits({ denyTokens: [weth.address] })).toBe('denied')
    expect(admits({ allowAccounts: [bob] })).toBe('denied')
    expect(admits({ allowAccounts: [upper], allowTokens: [weth.address, usdc.address] })).toBe(
      'admitted',
    )
  })

  test('behavior: a position in flight would be a second nonce', () => {
    const inFlight = new Set([planOf(1).items[0]!.position])
    expect(createGuard(params).admit(planOf(1), worldOf({}, { inFlight }))).toBe('in-flight')
  })

  test('behavior: one plan and all plans for a block are capped in dollars', () => {
    const { admit } = createGuard(params)
    expect(admit(planOf(5.1), worldOf())).toBe('over-cap')
    expect(admit(planOf(4), worldOf())).toBe('admitted')
    expect(admit(planOf(4), worldOf())).toBe('over-cap')
    expect(admit(planOf(3), worldOf())).toBe('admitted')
    const head = aHead({ number: 101, hash: '0x0101' })
    const next = { targetBlock: 102, parentHash: head.hash }
    expect(admit(planOf(4, next), worldOf({ head }))).toBe('admitted')
  })

  test('behavior: and in gas', () => {
    const guard = createGuard({ ...params, maxPlanGas: 900_000, maxBlockGas: 1_500_000 })
    expect(guard.admit(planOf(1, { gasLimit: gas(900_001n) }), worldOf())).toBe('over-cap')
    expect(guard.admit(planOf(1), worldOf())).toBe('admitted')
    expect(guard.admit(planOf(1), worldOf())).toBe('over-cap')
  })

  test('behavior: what cannot be valued is never within a cap', () => {
    const unknown = worldOf({ feeds: new Map() }, { fair: new Map() })
    expect(createGuard(params).admit(planOf(1), unknown)).toBe('over-cap')
  })
})

describe('oracle-wrong', () => {
  const admits = (answerUsd: bigint, fair: FairPrice, plan = planOf(1)) => {
    const feed = aFeed({ answerRaw: raw(answerUsd * 10n ** 8n) })
    const world = worldOf({ feeds: new Map([[feed.aggregator, feed]]) })
    return createGuard(params).admit(plan, { ...world, fair: new Map([['ETH', fair]]) })
  }

  test('default: an answer far from a fair price that is ok is not acted upon, on either side', () => {
    expect(admits(1_900n, fairOf(2_000))).toBe('admitted')
    expect(admits(1_700n, fairOf(2_000))).toBe('oracle-wrong')
    expect(admits(2_400n, fairOf(2_000))).toBe('oracle-wrong')
    expect(admits(0n, fairOf(2_000))).toBe('oracle-wrong')
  })

  test('behavior: a fair price in doubt accuses nobody', () => {
    expect(admits(1_700n, fairOf(2_000, 'degraded'))).toBe('admitted')
  })

  test('behavior: the pending answer is what counts of its own feed', () => {
    const behind = anUpdate({
      aggregator: aFeed().aggregator,
      answerRaw: raw(1_000n * 10n ** 8n),
    })
    expect(admits(2_000n, fairOf(2_000), planOf(1, { behind }))).toBe('oracle-wrong')
    const sane = { ...behind, answerRaw: raw(1_950n * 10n ** 8n) }
    expect(admits(1_000n, fairOf(2_000), planOf(1, { behind: sane }))).toBe('admitted')
  })

  test('behavior: where the protocol tells its feeds, those of other tokens do not matter', () => {
    const eth = aFeed()
    const wild = aFeed({ aggregator: alice, asset: 'DAI', answerRaw: raw(2n * 10n ** 8n) })
    const feeds = new Map([
      [eth.aggregator, eth],
      [wild.aggregator, wild],
    ])
    const fair = new Map([
      ['ETH', fairOf(2_000)],
      ['DAI', { ...fairOf(1), asset: 'DAI' }],
    ])
    const lender = {
      ...aLender([]),
      aggregatorOf: (token: string) => (token === dai.address ? alice : eth.aggregator),
    }
    const { admit } = createGuard(params)
    expect(admit(planOf(1), worldOf({ feeds }, { fair }))).toBe('oracle-wrong')
    const told = worldOf({ feeds, protocols: [lender] }, { fair })
    expect(admit(planOf(1), told)).toBe('admitted')
    const onDai = planOf(1, { items: [anItem({ debt: dai.address })] })
    expect(admit(onDai, told)).toBe('oracle-wrong')
  })
})

describe('review', () => {
  test('default: refused plans become refusals of their positions, beside those that were', () => {
    const big = planOf(9, {
      items: [anItem({ account: bob, owedRaw: raw(9n * 10n ** 18n) }), anItem({ account: bob })],
    })
    const before = { position: 'aave-v3:0xca', reason: 'dust' } as const
    const verdict = { plans: [planOf(1), big], refusals: [before] }
    const reviewed = createGuard(params).review(worldOf(), verdict)
    expect(reviewed.plans).toEqual([planOf(1)])
    expect(reviewed.refusals).toEqual([
      before,
      { position: `aave-v3:${bob.toLowerCase()}`, reason: 'over-cap' },
      { position: `aave-v3:${bob.toLowerCase()}`, reason: 'over-cap' },
    ])
  })
})
