import { describe, expect, test } from 'vitest'
import type { Address } from '../../core/types/chain.ts'
import { createOracleBackrun } from '../../strategies/oracle-backrun.ts'
import type { LiquidationParams } from '../../strategies/params.ts'
import { createPartialLiquidation } from '../../strategies/partial-liquidation.ts'
import { T0 } from '../support/a-book.ts'
import type { Borrower } from '../support/a-lender.ts'
import {
  aLiquidatorWorld,
  btcFeed,
  ethFeed,
  headAt,
  updateOf,
} from '../support/a-liquidator-world.ts'
import { anOpportunity } from '../support/an-opportunity.ts'
import { usdc, wbtc, weth } from '../support/tokens.ts'

const params: LiquidationParams = {
  enabled: true,
  weth: weth.address,
  bidBps: 7300,
  minNetUsd: 1,
  maxItemsPerTx: 20,
}
const alice: Address = '0x00000000000000000000000000000000000a11ce'
const carol: Address = '0x000000000000000000000000000000000000ca01'

const borrowingUsdc = (
  account: Address,
  belowUsd: number,
  most = 50_000,
  fields: Partial<Borrower> = {},
): Borrower => ({
  aggregator: ethFeed,
  belowUsd,
  opportunity: anOpportunity()
    .of(account)
    .withPair({ collateral: weth, debt: usdc, most, price: 1_800, bonusBps: 10_500 })
    .build(),
  ...fields,
})

const onBitcoin = (account: Address, belowUsd: number): Borrower => ({
  aggregator: btcFeed,
  belowUsd,
  opportunity: anOpportunity()
    .of(account)
    .withPair({ collateral: wbtc, debt: usdc, most: 30_000, price: 28_800, bonusBps: 10_625 })
    .build(),
})

describe('partial-liquidation', () => {
  const strategy = createPartialLiquidation(params)

  test('alice is closed in the block after the head that sank her', () => {
    const { tell, world } = aLiquidatorWorld([
      borrowingUsdc(alice, 1_820),
      borrowingUsdc(carol, 1_700),
    ])
    const { plans, refusals } = strategy.evaluate(
      world(),
      tell({ type: 'synced', head: headAt(100) }),
    )
    expect(refusals).toEqual([])
    expect(plans).toHaveLength(1)
    const [plan] = plans
    expect(plan).toMatchObject({
      kind: 'liquidation',
      strategy: 'partial-liquidation',
      protocol: 'aave-v3',
      targetBlock: 101,
      parentHash: headAt(100).hash,
    })
    expect(plan!.behind).toBeUndefined()
    expect(plan!.items.map(({ position, eligibleBlock }) => [position, eligibleBlock])).toEqual([
      [`aave-v3:${alice}`, 100],
    ])
    expect(plan!.id).toMatch(/^partial-liquidation:101:0-[0-9a-f]{8}$/)
  })

  test('who sinks by interest alone is eligible in the block where she does', () => {
    const { tell, world } = aLiquidatorWorld([
      borrowingUsdc(alice, 1_820, 50_000, { fromSec: T0 / 1000 + 12 }),
    ])
    const { plans } = strategy.evaluate(world(), tell({ type: 'synced', head: headAt(100) }))
    expect(plans[0]!.items[0]!.eligibleBlock).toBe(101)
  })

  test('what an intent holds already is left alone, and so is what an operator denies', () => {
    const { tell, world } = aLiquidatorWorld([
      borrowingUsdc(alice, 1_820),
      borrowingUsdc(carol, 1_820),
    ])
    const event = tell({ type: 'synced', head: headAt(100) })
    const careful = createPartialLiquidation({ ...params, denyAccounts: [carol] })
    const { plans, refusals } = careful.evaluate(world([`aave-v3:${alice}`]), event)
    expect(plans).toEqual([])
    expect(refusals).toEqual([
      { position: `aave-v3:${alice}`, reason: 'in-flight' },
      { position: `aave-v3:${carol}`, reason: 'denied' },
    ])
    const shy = createPartialLiquidation({ ...params, denyTokens: [usdc.address] })
    expect(shy.evaluate(world(), event).refusals.map(({ reason }) => reason)).toEqual([
      'denied',
      'denied',
    ])
  })

  test('only a new head makes it look, and only while it is enabled', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_820)])
    const event = tell({ type: 'synced', head: headAt(100) })
    expect(strategy.evaluate(world(), { type: 'timer' }).plans).toEqual([])
    const idle = createPartialLiquidation({ ...params, enabled: false })
    expect(idle.evaluate(world(), event).plans).toEqual([])
  })

  test('a protocol whose rules we do not hold is followed and never acted upon', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_820)], { supported: false })
    const { plans, refusals } = strategy.evaluate(
      world(),
      tell({ type: 'synced', head: headAt(100) }),
    )
    expect(plans).toEqual([])
    expect(refusals).toEqual([{ position: `aave-v3:${alice}`, reason: 'unsupported' }])
  })

  test('without operators nothing is planned, and everyone is told why', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_820)], { operators: 0 })
    const { refusals } = strategy.evaluate(world(), tell({ type: 'synced', head: headAt(100) }))
    expect(refusals).toEqual([{ position: `aave-v3:${alice}`, reason: 'no-operator' }])
  })

  test('dust is told from what has no way out', () => {
    const { tell, world } = aLiquidatorWorld([
      borrowingUsdc(alice, 1_820, 10),
      {
        ...borrowingUsdc(carol, 1_820),
        opportunity: anOpportunity()
          .of(carol)
          .withPair({
            collateral: weth,
            debt: { ...usdc, address: alice },
            most: 1_000,
            price: 1_800,
            bonusBps: 10_500,
          })
          .build(),
      },
    ])
    const { refusals } = strategy.evaluate(world(), tell({ type: 'synced', head: headAt(100) }))
    expect(refusals.toSorted((a, b) => (a.position < b.position ? -1 : 1))).toEqual([
      { position: `aave-v3:${carol}`, reason: 'no-route' },
      { position: `aave-v3:${alice}`, reason: 'dust' },
    ])
  })

  test('the same book and event give the same plans byte for byte', () => {
    const tellAll = (): string => {
      const { tell, world } = aLiquidatorWorld(
        Array.from({ length: 30 }, (_, index) =>
          borrowingUsdc(
            `0x${(index + 1).toString(16).padStart(40, '0')}`,
            1_820,
            1_000 + 977 * index,
          ),
        ),
      )
      const verdict = strategy.evaluate(world(), tell({ type: 'synced', head: headAt(100) }))
      return JSON.stringify(verdict, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
    }
    expect(tellAll()).toBe(tellAll())
  })
})

describe('oracle-backrun', () => {
  const strategy = createOracleBackrun(params)

  test('alice is closed right behind the update that sinks her; carol, who sank by another price, is not its matter', () => {
    const { tell, world } = aLiquidatorWorld([
      borrowingUsdc(alice, 1_790),
      onBitcoin(carol, 29_000),
    ])
    tell({ type: 'synced', head: headAt(100) })
    const update = updateOf(ethFeed, 1_780)
    const { plans } = strategy.evaluate(world(), tell({ type: 'pending-update', update }))
    expect(plans).toHaveLength(1)
    expect(plans[0]!.behind).toEqual(update)
    expect(plans[0]!.items.map(({ account, eligibleBlock }) => [account, eligibleBlock])).toEqual([
      [alice, 101],
    ])
  })

  test('who was not worth her gas is taken behind the update that makes her so', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_820, 250)])
    const synced = tell({ type: 'synced', head: headAt(100) })
    const before = createPartialLiquidation(params).evaluate(world(), synced)
    expect(before.plans).toEqual([])
    expect(before.refusals).toEqual([{ position: `aave-v3:${alice}`, reason: 'unprofitable' }])
    const behind = (usd: number) => {
      const update = updateOf(ethFeed, usd)
      return strategy.evaluate(world(), tell({ type: 'pending-update', update }))
    }
    expect(behind(1_809).plans).toEqual([])
    expect(behind(1_700).plans[0]!.items.map(({ account }) => account)).toEqual([alice])
  })

  test('an update that still waits is planned again for the next block', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_790)])
    tell({ type: 'synced', head: headAt(100) })
    const update = updateOf(ethFeed, 1_780)
    const first = strategy.evaluate(world(), tell({ type: 'pending-update', update })).plans[0]!
    const block = tell({ type: 'block', head: headAt(101), changes: [] })
    const second = strategy.evaluate(world(), block).plans[0]!
    expect([first.targetBlock, second.targetBlock]).toEqual([101, 102])
    expect(second.parentHash).toBe(headAt(101).hash)
    expect(second.id).not.toBe(first.id)
  })

  test('a mined update is nobody behind which to stand', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_790)])
    tell({ type: 'synced', head: headAt(100) })
    const update = updateOf(ethFeed, 1_780)
    tell({ type: 'pending-update', update })
    const block = tell({
      type: 'block',
      head: headAt(101),
      changes: [
        {
          type: 'feed/answer',
          aggregator: ethFeed,
          answerRaw: update.answerRaw,
          roundId: 8,
          epochAndRound: update.epochAndRound,
          updatedSec: headAt(101).timestampSec,
          txHash: update.txHash,
          txIndex: 0,
        },
      ],
    })
    expect(strategy.evaluate(world(), block)).toEqual({ plans: [], refusals: [] })
    const partial = createPartialLiquidation(params).evaluate(world(), block)
    expect(partial.plans[0]!.items.map(({ account }) => account)).toEqual([alice])
  })

  test('two updates for one block: a bundle each, nobody twice', () => {
    const { tell, world } = aLiquidatorWorld([
      borrowingUsdc(alice, 1_790),
      onBitcoin(carol, 28_500),
    ])
    tell({ type: 'synced', head: headAt(100) })
    const ether = updateOf(ethFeed, 1_780)
    const bitcoin = updateOf(btcFeed, 28_400)
    tell({ type: 'pending-update', update: ether })
    tell({ type: 'pending-update', update: bitcoin })
    const block = tell({ type: 'block', head: headAt(101), changes: [] })
    const first = strategy.evaluate(world(), block).plans
    const taken = first.flatMap(({ items }) => items.map(({ position }) => position))
    const signed = tell({ type: 'signed', bundle: 'first', signed: [] })
    const second = strategy.evaluate(world(taken), signed).plans
    expect(first.length + second.length).toBe(2)
    expect(new Set([first[0]!.behind!.txHash, second[0]!.behind!.txHash])).toEqual(
      new Set([ether.txHash, bitcoin.txHash]),
    )
    const closed = [...first, ...second].flatMap(({ items }) => items.map(({ account }) => account))
    expect(closed.toSorted()).toEqual([alice, carol].toSorted())
  })

  test('an update that the book does not hold, or that lifts the price, makes nothing', () => {
    const { tell, world } = aLiquidatorWorld([borrowingUsdc(alice, 1_790)])
    tell({ type: 'synced', head: headAt(100) })
    const stale = updateOf(ethFeed, 1_780, { epochAndRound: 0 })
    expect(
      strategy.evaluate(world(), tell({ type: 'pending-update', update: stale })).plans,
    ).toEqual([])
    const up = updateOf(ethFeed, 1_900)
    expect(strategy.evaluate(world(), tell({ type: 'pending-update', update: up })).plans).toEqual(
      [],
    )
  })
})
