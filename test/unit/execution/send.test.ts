import { describe, expect, test } from 'vitest'
import { ProtocolError, TransientError } from '../../../core/errors.ts'
import type { Event, RelayAnswer } from '../../../core/types/event.ts'
import { ms } from '../../../core/units.ts'
import type { Builder, SignedBundle } from '../../../execution/builder.ts'
import { createSender } from '../../../execution/send.ts'
import { aBundle } from '../../support/a-bundle.ts'

const signed = [{ intent: 'intent-0', txHash: '0xaa', rawTx: '0x02aa' }] as const

const aBuilder = (name: string, send: Builder['send'], deadlineMs = 200): Builder => ({
  name,
  deadlineMs,
  send,
  cancel: async () => '',
})

const aSender = (builders: readonly Builder[]) => {
  const answers: RelayAnswer[] = []
  let nowMs = 0
  const sender = createSender({
    builders,
    emit: (event: Event) => {
      if (event.type === 'relay') answers.push(event.answer)
    },
    clock: () => ms(nowMs),
  })
  return {
    answers,
    send: () => sender.send(aBundle(), signed),
    wait: (spanMs: number) => {
      nowMs += spanMs
    },
  }
}

const never = (): Promise<string> => new Promise(() => {})

describe('createSender', () => {
  test('every builder is asked and every answer told', async () => {
    const asked: SignedBundle[] = []
    const kind = async (bundle: SignedBundle): Promise<string> => {
      asked.push(bundle)
      return '0xhash'
    }
    const { send, answers } = aSender([aBuilder('flashbots', kind), aBuilder('titan', kind)])
    await send()
    expect(answers).toEqual([
      { bundle: 'bundle-0', builder: 'flashbots', block: 101, accepted: true, detail: '0xhash' },
      { bundle: 'bundle-0', builder: 'titan', block: 101, accepted: true, detail: '0xhash' },
    ])
    expect(asked[0]).toBe(asked[1])
  })

  test('behavior: one that never answers delays nobody and is given up at its deadline', async () => {
    let aborted = false
    const hung = aBuilder('hung', (_, signal) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return never()
    })
    const { send, answers } = aSender([hung, aBuilder('titan', async () => '0xhash')])
    const sent = send()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(answers.map(({ builder }) => builder)).toEqual(['titan'])
    await sent
    expect(answers[1]).toMatchObject({ builder: 'hung', accepted: false })
    expect(answers[1]?.detail).toContain('200 ms')
    expect(aborted).toBe(true)
  })

  test('behavior: what replaces a bundle reaches a builder after it, however slow that one was', async () => {
    const arrived: number[] = []
    let slow = true
    const uneven = aBuilder('uneven', async ({ replacementNonce }) => {
      const wait = slow ? 50 : 0
      slow = false
      await new Promise((resolve) => setTimeout(resolve, wait))
      arrived.push(replacementNonce)
      return '0xhash'
    })
    const sender = createSender({ builders: [uneven], emit: () => undefined, clock: () => ms(0) })
    const ahead = [{ txHash: '0xaa', rawTx: '0x02aa', isOurs: true }] as const
    const second = { intent: 'intent-1', txHash: '0xbb', rawTx: '0x02bb' } as const
    await Promise.all([
      sender.send(aBundle(), signed),
      sender.send(aBundle({ id: 'bundle-1', ahead }), [second]),
    ])
    expect(arrived).toEqual([1, 2])
  })

  test('behavior: whatever a builder throws becomes an answer', async () => {
    const { send, answers } = aSender([
      aBuilder('at once', () => {
        throw new TransientError('X', 'thrown at once')
      }),
      aBuilder('a string', () => Promise.reject('a string')),
      aBuilder(
        'later than its deadline',
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 60))
          throw new TransientError('X', 'nobody listens')
        },
        30,
      ),
    ])
    await send()
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(answers.map(({ accepted, detail }) => [accepted, detail])).toEqual([
      [false, 'thrown at once'],
      [false, 'a string'],
      [false, expect.stringContaining('30 ms')],
    ])
  })

  test('behavior: a builder that fails three times is left alone for a minute, the others are not', async () => {
    let asked = 0
    const down = aBuilder('down', async () => {
      asked += 1
      throw new TransientError('X', 'down')
    })
    const { send, answers, wait } = aSender([down, aBuilder('titan', async () => '0xhash')])
    for (const _ of [1, 2, 3, 4]) await send()
    expect(asked).toBe(3)
    expect(answers.filter(({ accepted }) => accepted)).toHaveLength(4)
    expect(answers.at(-2)).toMatchObject({ builder: 'down', detail: 'not asked: breaker open' })
    wait(60_000)
    await send()
    expect(asked).toBe(4)
  })

  test('behavior: refusing bundles opens no breaker', async () => {
    let asked = 0
    const strict = aBuilder('strict', async () => {
      asked += 1
      throw new ProtocolError('X', 'nonce too low')
    })
    const { send } = aSender([strict])
    for (const _ of [1, 2, 3, 4, 5]) await send()
    expect(asked).toBe(5)
  })

  test('behavior: a consumer that throws is told of and breaks nothing', async () => {
    const lines: string[] = []
    const sender = createSender({
      builders: [aBuilder('titan', async () => '0xhash')],
      emit: () => {
        throw new TransientError('X', 'queue is full')
      },
      clock: () => ms(0),
      log: (line) => lines.push(line),
    })
    await sender.send(aBundle(), signed)
    expect(lines).toEqual(['relay event lost: queue is full'])
  })
})
