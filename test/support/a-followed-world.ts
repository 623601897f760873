import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { aChainFollower, type ChainFollower, dumpOf } from './a-chain-follower.ts'
import { aChainHand, type ChainHand } from './a-chain-hand.ts'
import { aFaultyNode, type FaultyNode } from './a-faulty-node.ts'
import { aScenario } from './a-scenario.ts'
import { aWorld, type World } from './a-world.ts'

type Options = Parameters<typeof aChainFollower>[2]

/** A deployed world that sources follow through a node with faults, a new one in every test. */
export interface FollowedWorld {
  readonly world: () => World
  readonly hand: () => ChainHand
  readonly node: () => FaultyNode
  readonly follow: (options?: Options) => ChainFollower
  /** A follower that stands on the head. */
  readonly synced: (options?: Options) => Promise<ChainFollower>
  /** Every block from the first told to the head, each once. */
  readonly expectUnbroken: (follower: ChainFollower) => void
  /** The book is what a second source that begins now, without any fault, tells. */
  readonly expectAsAnew: (follower: ChainFollower) => Promise<void>
}

/** Starts the world before the file's tests and ends everything behind them. */
export const aFollowedWorld = (): FollowedWorld => {
  const { positions } = aScenario()
  let world: World
  let hand: ChainHand
  let node: FaultyNode
  const started: ChainFollower[] = []

  beforeAll(async () => {
    world = await aWorld(aScenario({ positions: { ...positions, count: 6 } }))
    hand = aChainHand(world)
  })
  beforeEach(async () => {
    node = await aFaultyNode(world.anvil)
  })
  afterEach(async () => {
    await Promise.all(started.splice(0).map((follower) => follower.stop()))
    await node.stop()
  })
  afterAll(() => world?.anvil.stop())

  const follow = (options: Options = {}): ChainFollower => {
    const follower = aChainFollower(node, world.deployed, options)
    started.push(follower)
    return follower
  }

  return {
    world: () => world,
    hand: () => hand,
    node: () => node,
    follow,
    synced: async (options) => {
      const follower = follow(options)
      await follower.reaches(await hand.headNumber())
      return follower
    },
    expectUnbroken: (follower) => {
      const told = follower.told()
      expect(told).toEqual(Array.from({ length: told.length }, (_, i) => told[0]! + i))
      expect(told.at(-1)).toBe(follower.book.head?.number)
    },
    expectAsAnew: async (follower) => {
      const fresh = aChainFollower(world.anvil, world.deployed)
      started.push(fresh)
      await fresh.standsOn(await hand.headHash())
      await follower.standsOn(await hand.headHash())
      expect(dumpOf(follower.book)).toBe(dumpOf(fresh.book))
    },
  }
}
