import { beforeEach, describe, expect, test } from 'vitest'
import type { Engine, Step } from '../../bot/engine.ts'
import { createIntents } from '../../bot/intents.ts'
import { createIntentsMemory, type IntentsMemory } from '../../bot/intents-memory.ts'
import { InvariantError } from '../../core/errors.ts'
import type { Event, RelayAnswer } from '../../core/types/event.ts'
import type { Bundle } from '../../core/types/plan.ts'
import {
  anAccount,
  anOperator,
  block,
  falls,
  liquidated,
  operators,
  receipt,
  signed,
  synced,
  txHashOf,
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
const commandsOf = (step: Step): readonly string[] => step.commands.map((command) => command.type)
const bundleOf = (step: Step): Bundle => {
  const fact = step.facts.find((each) => each.type === 'bundle')
  if (fact?.type !== 'bundle') throw new InvariantError('NO_BUNDLE', 'Expect a bundle.')
  return fact.bundle
}
const relay = (detail: string): Event => ({
  type: 'relay',
  answer: { bundle: 'x', builder: 'x', block: 1, accepted: false, detail } satisfies RelayAnswer,
})

const alice = anAccount(1)
const alma = anAccount(2)
const agnes = anAccount(3)

beforeEach(() => {
  began()
  push({ type: 'start', session: 'one', acceptsNonces: true, settings: {} })
  push(operators([5, 9]))
  push(synced(100))
})

describe('alice falls and bob closes her position', () => {
  test('planned, signed, sent, included: the nonce moves on without asking the chain', () => {
    const planned = push(block(101, [falls(alice)]))
    expect(commandsOf(planned)).toEqual(['sign', 'audit'])
    const bundle = bundleOf(planned)
    expect(bundle.intents).toMatchObject([
      { id: '4-small/0', operator: anOperator(0), nonce: 5, deadlineBlock: 102 },
    ])
    const sent = push(signed(bundle))
    expect(sent.commands).toMatchObject([{ type: 'send', bundle: { id: '4-small' } }])
    expect(factsOf(receipt('4-small/0', 102))).toEqual(['settled 4-small/0 included'])
    expect(factsOf(block(102, [liquidated(alice, txHashOf('4-small/0')), falls(alma)]))).toEqual([
      'bundle 7-small for 103: b906#6',
    ])
  })

  test('included, and still fallen: it is planned anew when the book has seen the block', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    expect(factsOf(receipt('4-small/0', 102))).toEqual(['settled 4-small/0 included'])
    expect(factsOf({ type: 'timer' })).toEqual([])
    expect(factsOf(block(102))).toEqual(['bundle 8-small for 103: b906#6'])
  })

  test('missed: the nonce is free again and the position is planned anew', () => {
    const bundle = bundleOf(push(block(101, [falls(alice)])))
    push(signed(bundle))
    expect(factsOf(block(102))).toEqual([
      'settled 4-small/0 missed',
      `refusal ${alice.slice(-4)} outbid`,
      'bundle 6-small for 103: b906#5',
    ])
  })

  test('never signed: it expires and is not sent when the signature comes too late', () => {
    const bundle = bundleOf(push(block(101, [falls(alice)])))
    expect(factsOf(block(102))[1]).toBe(`refusal ${alice.slice(-4)} expired`)
    expect(push(signed(bundle)).commands).toEqual([])
  })

  test('reverted: the nonce is used and she is told why', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    expect(factsOf(receipt('4-small/0', 102, { status: 'reverted' }))).toEqual([
      'settled 4-small/0 reverted',
      `refusal ${alice.slice(-4)} reverted`,
    ])
    expect(factsOf(block(102))).toEqual(['bundle 7-small for 103: b906#6'])
  })

  test('a second set of signatures for a bundle sends nothing', () => {
    const bundle = bundleOf(push(block(101, [falls(alice)])))
    expect(commandsOf(push(signed(bundle)))).toEqual(['send'])
    expect(commandsOf(push(signed(bundle)))).toEqual([])
  })

  test('an incomplete set of signatures sends nothing', () => {
    const bundle = bundleOf(push(block(101, [falls(alice), falls(alma)])))
    const one = signed({ ...bundle, intents: bundle.intents.slice(1) })
    expect(commandsOf(push(one))).toEqual([])
  })

  test('the log comes before the receipt: no miss, and the nonce is taken at once', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    const landed = block(102, [liquidated(alice, txHashOf('4-small/0')), falls(alma)])
    expect(factsOf(landed)).toEqual(['bundle 6-small for 103: 0b01#9'])
    expect(factsOf(receipt('4-small/0', 102))).toEqual(['settled 4-small/0 included'])
    expect(factsOf(block(103))).toContain('bundle 8-small for 104: b906#6')
  })

  test('the receipt never comes: the log settles it two blocks later', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(block(102, [liquidated(alice, txHashOf('4-small/0'))]))
    expect(factsOf(block(103))).toEqual([])
    expect(factsOf(block(104))).toEqual(['settled 4-small/0 included'])
  })

  test('the receipt comes after the miss: it corrects, once', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(block(102, [{ ...falls(alice), enabled: true } as never]))
    expect(factsOf(receipt('4-small/0', 102))).toEqual(['settled 4-small/0 included'])
    expect(factsOf(receipt('4-small/0', 102))).toEqual([])
    expect(factsOf(block(103, [falls(alma)]))).toEqual(['bundle 9-small for 104: b906#6'])
  })
})

describe('operators', () => {
  test('each intent has its own; who finds none is told so, and is planned when one is free', () => {
    expect(factsOf(block(101, [falls(alice), falls(alma), falls(agnes)]))).toEqual([
      'bundle 4-small for 102: b906#5 0b01#9',
      `refusal ${agnes.slice(-4)} no-operator`,
    ])
    expect(factsOf({ type: 'timer' })).toEqual([])
    expect(factsOf(receipt('4-small/1', 102))).toContain('bundle 6-small for 102: 0b01#10')
  })

  test('one without gas for the whole limit gets nothing', () => {
    push(operators([5, 9], 20_000_000_000_000_000n))
    expect(factsOf(block(101, [falls(alice)]))).toEqual([`refusal ${alice.slice(-4)} no-operator`])
  })

  test('mallory uses the key elsewhere: bob is warned and the operator rests', () => {
    expect(factsOf(operators([6, 9]))).toEqual([
      `alert operator-foreign:${anOperator(0).toLowerCase()} open`,
    ])
    expect(factsOf(block(101, [falls(alice)]))).toEqual(['bundle 5-small for 102: 0b01#9'])
  })

  test('our own late revert moves the nonce too, and is no stranger', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(block(102, [{ ...falls(alice), enabled: true } as never]))
    expect(factsOf(operators([6, 9]))).toEqual([])
  })
})

describe('a new session', () => {
  test('takes the nonces from the chain, also where they are lower than we left them', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(receipt('4-small/0', 102))
    push({ type: 'start', session: 'two', settings: {} })
    push(operators([2, 9]))
    push(synced(102))
    expect(factsOf(block(103, [falls(alma)]))).toEqual(['bundle 10-small for 104: b906#2'])
  })
})

describe('reorg', () => {
  test('a miss whose block is replaced is open again: it may land there still', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(block(102, [{ ...falls(alice), enabled: true } as never]))
    push(block(103))
    push({ type: 'reorg', block: 103 })
    expect([...memory.state.open.keys()]).toEqual([])
    push({ type: 'reorg', block: 102 })
    expect([...memory.state.open.keys()]).toEqual(['4-small/0'])
    expect(factsOf(synced(101, 'b'))).toEqual([])
    expect(factsOf(block(102, [liquidated(alice, txHashOf('4-small/0'))], 'b'))).toEqual([])
    expect(factsOf(receipt('4-small/0', 102))).toEqual(['settled 4-small/0 included'])
  })

  test('a miss that nobody signed stays closed', () => {
    push(block(101, [falls(alice)]))
    push(block(102, [{ ...falls(alice), enabled: true } as never]))
    push({ type: 'reorg', block: 102 })
    expect([...memory.state.open.keys()]).toEqual([])
  })

  test('an inclusion in a replaced block is open again, and its position in flight', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(receipt('4-small/0', 102))
    push(block(102, [liquidated(alice, txHashOf('4-small/0'))]))
    push({ type: 'reorg', block: 102 })
    expect([...memory.state.open.keys()]).toContain('4-small/0')
    expect(factsOf(operators([5, 9]))).toEqual([])
    expect(factsOf(synced(102, 'b'))).toContain('settled 4-small/0 missed')
    expect(factsOf(block(103, [falls(alice)], 'b'))).toEqual(['bundle 11-small for 104: b906#5'])
  })

  test('what was mined before the replaced block stays', () => {
    push(signed(bundleOf(push(block(101, [falls(alice)])))))
    push(receipt('4-small/0', 102))
    push({ type: 'reorg', block: 103 })
    expect([...memory.state.open.keys()]).not.toContain('4-small/0')
  })
})

describe('the engine', () => {
  test('plans nothing before the book is synced', () => {
    began()
    push(operators([0]))
    expect(
      push({ type: 'history', fromBlock: 1, toBlock: 9, changes: [falls(alice)] }).facts,
    ).toEqual([])
    expect(factsOf(synced(100))).toEqual(['bundle 3-small for 101: b906#0'])
  })

  test('in watch mode it says what it would do; in dry-run it signs and never sends', () => {
    began({ mode: 'watch' })
    push(operators([0]))
    push(synced(100))
    expect(factsOf(block(101, [falls(alice)]))).toEqual([`refusal ${alice.slice(-4)} mode-watch`])
    began({ mode: 'dry-run' })
    push(operators([0]))
    push(synced(100))
    const planned = push(block(101, [falls(alice)]))
    expect(commandsOf(planned)).toContain('sign')
    expect(commandsOf(push(signed(bundleOf(planned))))).toEqual([])
  })

  test('a strategy that throws is benched, told, and asked again 25 blocks later', () => {
    expect(factsOf(relay('throw'))).toEqual(['alert strategy-benched:small open'])
    expect(factsOf(relay('throw'))).toEqual([])
    expect(factsOf(block(101, [falls(alice)]))).toEqual([])
    for (let number = 102; number < 125; number++) expect(factsOf(block(number))).toEqual([])
    expect(factsOf(block(125))).toEqual([
      'alert strategy-benched:small resolved',
      'bundle 30-small for 126: b906#5',
    ])
  })

  test('error: InvariantError out of a strategy ends the loop', () => {
    expect(() => push(relay('invariant'))).toThrow(InvariantError)
  })

  test('audits everyone in batches when synced, and in turn with every block', () => {
    const changes = [alice, alma, agnes].map(
      (account) => ({ ...falls(account), enabled: true }) as never,
    )
    began()
    push({ type: 'history', fromBlock: 1, toBlock: 9, changes })
    const audited = (event: Event) =>
      push(event).commands.map((command) =>
        command.type === 'audit' ? command.accounts.map(({ account }) => account) : command.type,
      )
    expect(audited(synced(100))).toEqual([[alice, alma], [agnes]])
    expect([101, 102, 103, 104].map((number) => audited(block(number)))).toEqual(
      [alice, alma, agnes, alice].map((account) => [[account]]),
    )
    // A reorg that keeps the past does not ask for everyone again.
    audited({ type: 'reorg', block: 104, keepsPast: true })
    expect(audited(synced(103))).toEqual([[alma]])
    expect(audited(block(104))).toEqual([[agnes]])
    audited({ type: 'reorg', block: 50 })
    audited({ type: 'history', fromBlock: 1, toBlock: 9, changes })
    expect(audited(synced(104))).toEqual([[alice, alma], [agnes]])
  })
})
