import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createIntents } from '../../bot/intents.ts'
import { createIntentsMemory, type IntentsMemory } from '../../bot/intents-memory.ts'
import type { Entry, Event } from '../../core/types/event.ts'
import type { Bundle, Intent } from '../../core/types/plan.ts'
import {
  anAccount,
  block,
  falls,
  liquidated,
  operators,
  receipt,
  signed,
  synced,
  txHashOf,
} from '../support/a-story.ts'
import { createLoopEngine, smallSettings } from '../support/small-rooms.ts'

/** What the world may do next; numbers choose among what there is. */
type Move =
  | { readonly kind: 'block'; readonly fallen: readonly number[]; readonly lands: number }
  | { readonly kind: 'sign' | 'receipt' | 'operators' | 'reorg' | 'timer'; readonly pick: number }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('block' as const),
      fallen: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
      lands: fc.nat(3),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('sign', 'sign', 'receipt', 'operators', 'reorg', 'timer'),
      pick: fc.nat(20),
    }),
  },
)

interface Story {
  readonly entries: readonly Entry[]
  /** Every bundle, with all intents that were open once it was leased. */
  readonly bundles: readonly { readonly bundle: Bundle; readonly open: readonly Intent[] }[]
  readonly memory: IntentsMemory
}

/** Lets the loop and a chain of its own live through the moves. */
const lived = (moves: readonly Move[]): Story => {
  const memory = createIntentsMemory()
  const engine = createLoopEngine(smallSettings(), createIntents(memory))
  const entries: Entry[] = []
  const bundles: { bundle: Bundle; open: readonly Intent[] }[] = []
  const nonces = [0, 0, 0]
  const signedBundles: Bundle[] = []
  const landed = new Map<string, number>()
  let number = 100
  let branch = 'a'

  const push = (event: Event): void => {
    const entry = { seq: entries.length + 1, atMs: 1_700_000_000_000, event }
    entries.push(entry)
    for (const fact of engine.step(entry).facts) {
      entries.push({ seq: entries.length + 1, atMs: entry.atMs, fact })
      if (fact.type !== 'bundle') continue
      const open = [...memory.state.open.values()].map(({ intent }) => intent)
      bundles.push({ bundle: fact.bundle, open })
    }
  }

  push({ type: 'start', session: 'one', settings: {} })
  push(operators(nonces))
  push(synced(number))
  for (const it of moves) {
    const last = bundles.at(-1)?.bundle
    if (it.kind === 'block') {
      number += 1
      const lands = signedBundles
        .filter((bundle) => bundle.targetBlock === number)
        .flatMap((bundle) => bundle.intents)
        .slice(0, it.lands)
      for (const { id } of lands) landed.set(id, number)
      push(
        block(
          number,
          [
            ...it.fallen.map((n) => falls(anAccount(n))),
            ...lands.map((intent) =>
              liquidated(intent.plan.items[0]!.account, txHashOf(intent.id)),
            ),
          ],
          branch,
        ),
      )
    }
    if (it.kind === 'sign' && last !== undefined) {
      signedBundles.push(last)
      push(signed(last))
    }
    if (it.kind === 'receipt' && landed.size > 0) {
      const [id, at] = [...landed][it.pick % landed.size]!
      push(receipt(id, at, { status: it.pick % 5 === 0 ? 'reverted' : 'success' }))
    }
    if (it.kind === 'operators') push(operators(nonces))
    if (it.kind === 'timer') push({ type: 'timer' })
    if (it.kind === 'reorg' && it.pick % 4 === 0) {
      branch = branch === 'a' ? 'b' : 'a'
      push({ type: 'reorg', block: number })
      push(operators(nonces))
      push(synced(number, branch))
    }
  }
  return { entries, bundles, memory }
}

describe('intents', () => {
  test('property: no operator holds two intents, no position has two nonces that can land', () => {
    let leased = 0
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        for (const { bundle, open } of lived(moves).bundles) {
          leased += bundle.intents.length
          const busy = open.map(({ operator }) => operator)
          const positions = open.flatMap(({ plan }) => plan.items.map(({ position }) => position))
          expect(new Set(busy).size).toBe(busy.length)
          expect(new Set(positions).size).toBe(positions.length)
        }
      }),
      { numRuns: 300 },
    )
    expect(leased).toBeGreaterThan(500)
  })

  test('property: the journal recalled comes to the same memory', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const { entries, memory } = lived(moves)
        const recalled = createIntentsMemory()
        for (const entry of entries) {
          if (entry.event?.type !== 'block') recalled.recall(entry)
        }
        const { open, bundles, closed, foreign, operators: listed, explained } = memory.state
        expect(recalled.state).toMatchObject({ open, bundles, foreign, operators: listed })
        expect([...recalled.state.closed.keys()]).toEqual([...closed.keys()])
        for (const [operator, nonce] of explained) {
          expect(recalled.state.explained.get(operator)).toBe(nonce)
        }
      }),
      { numRuns: 300 },
    )
  })
})
