import { beforeEach, describe, expect, test } from 'vitest'
import type { Engine, Step } from '../../bot/engine.ts'
import { createIntents } from '../../bot/intents.ts'
import { createIntentsMemory, type IntentsMemory } from '../../bot/intents-memory.ts'
import { InvariantError } from '../../core/errors.ts'
import type { Event } from '../../core/types/event.ts'
import type { Bundle } from '../../core/types/plan.ts'
import { gas, raw, wei } from '../../core/units.ts'
import {
  anAccount,
  anOperator,
  block,
  falls,
  operators,
  receipt,
  signed,
  synced,
} from '../support/a-story.ts'
import { createLoopEngine, type SmallSettings, smallSettings } from '../support/small-rooms.ts'

let engine: Engine
let memory: IntentsMemory
let seq: number

const began = (changes: Partial<SmallSettings> = {}): void => {
  memory = createIntentsMemory()
  engine = createLoopEngine(smallSettings(changes), createIntents(memory))
  seq = 0
}
const push = (event: Event): Step => {
  seq += 1
  return engine.step({ seq, atMs: 1_700_000_000_000 + seq, event })
}
const factsOf = (event: Event): readonly string[] =>
  push(event).facts.map((fact): string => {
    switch (fact.type) {
      case 'bundle':
        return `bundle ${fact.bundle.id} for ${fact.bundle.targetBlock}: ${fact.bundle.intents.map((intent) => `${intent.operator.slice(-4)}#${intent.nonce}`).join(' ')}`
      case 'settled':
        return `settled ${fact.intent} ${fact.outcome}`
      case 'refusal':
        return `refusal ${fact.position.slice(-4)} ${fact.reason}`
      default:
        return `alert ${fact.alert.key} ${fact.alert.status}`
    }
  })
const bundleOf = (step: Step): Bundle => {
  const fact = step.facts.find((each) => each.type === 'bundle')
  if (fact?.type !== 'bundle') throw new InvariantError('NO_BUNDLE', 'Expect a bundle.')
  return fact.bundle
}
const alice = anAccount(1)
const alma = anAccount(2)

beforeEach(() => {
  began()
  push({ type: 'start', session: 'one', acceptsNonces: true, settings: {} })
  push(operators([5, 9]))
  push(synced(100))
})

describe('an operator whose past no journal knows', () => {
  const used = (acceptsNonces: boolean, nonce: number): readonly string[] => {
    push({
      type: 'start',
      session: 'two',
      ...(acceptsNonces ? { acceptsNonces } : {}),
      settings: {},
    })
    return factsOf(operators([nonce, 9]))
  }

  test('gets no intent in any session until its nonces are accepted, however often it starts', () => {
    began()
    for (let n = 0; n < 3; n++) {
      const told = used(false, 3).some((fact) => fact.startsWith('alert operator-foreign'))
      expect(told).toBe(n === 0)
      push(synced(100))
      const planned = push(block(101, [falls(alice)])).facts
      expect(planned.filter(({ type }) => type === 'bundle')).toEqual([])
    }
    expect(used(true, 3)).toEqual([])
    push(synced(100))
    expect(factsOf(block(101, [falls(alice)]))).toEqual(['bundle 16-small for 102: b906#3'])
  })

  test('is known by what was signed, and not by an older copy of the journal', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    expect(used(false, 6)).toEqual([])
    expect(used(false, 7)).toEqual([`alert operator-foreign:${anOperator(0).toLowerCase()} open`])
  })

  test('what is accepted is what the chain gave first, not what comes later', () => {
    expect(used(true, 12)).toEqual([])
    expect(factsOf(operators([13, 9]))).toEqual([
      `alert operator-foreign:${anOperator(0).toLowerCase()} open`,
    ])
  })
})

describe('losses', () => {
  const reverts = (number: number, seqOfBundle: number): readonly string[] => {
    push(signed(bundleOf(push(block(number, [falls(alice)])))))
    return factsOf(
      receipt(`${seqOfBundle}-small/0`, number + 1, { status: 'reverted', gasUsed: gas(500_000n) }),
    )
  }

  test('two reverts of 0.01 ETH in an hour: nothing is planned until the hour is past', () => {
    expect(reverts(101, 4)).not.toContain('alert loss-limit open')
    push(block(102, [{ ...falls(alice), enabled: true } as never]))
    expect(reverts(103, 8)).toContain('alert loss-limit open')
    expect(factsOf(block(104, [falls(alma)]))).toContain(`refusal ${alma.slice(-4)} breaker-open`)
    for (let number = 105; number < 402; number++) push(block(number))
    expect(factsOf(block(402))).toEqual([
      'alert loss-limit resolved',
      expect.stringContaining('bundle'),
    ])
  })

  test('a replaced block takes its loss with it', () => {
    reverts(101, 4)
    push(block(102, [{ ...falls(alice), enabled: true } as never]))
    reverts(103, 8)
    push(block(104))
    expect(factsOf({ type: 'reorg', block: 104 })).toContain('alert loss-limit resolved')
  })

  test('a liquidation that pays is no loss, one that pays less than its gas is', () => {
    const paid = (profit: bigint) => [
      {
        position: `aave-v3:${alice}`,
        collateral: alice,
        debt: alice,
        repaidRaw: raw(1n),
        seizedRaw: raw(1n),
        profitWei: wei(profit),
        bidWei: wei(0n),
      },
    ]
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(receipt('4-small/0', 102, { liquidations: paid(10n ** 16n) }))
    expect([...memory.state.losses]).toEqual([])
    push(receipt('4-small/0', 102, { liquidations: paid(10n ** 15n) }))
    expect([...memory.state.losses]).toEqual([
      ['4-small/0', { block: 102, lossWei: 9n * 10n ** 15n }],
    ])
  })
})
