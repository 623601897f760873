import { keccak256, toHex } from 'viem'
import { afterEach, describe, expect, test } from 'vitest'
import { aBlockWorld, payingContract } from '../support/a-block-world.ts'
import { aSearcher } from '../support/a-searcher.ts'

let world: Awaited<ReturnType<typeof aBlockWorld>>
const bob = aSearcher()
const hashOf = (raw: string) => keccak256(raw as `0x${string}`)

afterEach(() => world.stop())

const first = (): number => world.scenario.chain.firstBlock
const sendBundle = async (txs: readonly string[], more: object = {}) => {
  const bundle = { txs, blockNumber: toHex(first()), ...more }
  expect((await bob.send(world.relays[0]!.url, 'eth_sendBundle', bundle)).error).toBeUndefined()
}
const landed = async () => (await world.blockAt(first())).transactions

describe('a bundle beside others', () => {
  test.each(['revertingTxHashes', 'droppingTxHashes'])(
    'goes on without what stands in the block already, when that is in %s',
    async (list) => {
      world = await aBlockWorld(['buildernet'])
      const opening = await world.sign(1, { to: payingContract, value: 10n ** 14n })
      const better = await world.sign(2, { to: payingContract, value: 10n ** 16n })
      const plain = await world.sign(3, { to: payingContract, value: 10n ** 15n })
      await sendBundle([opening, better])
      await sendBundle([opening, plain], { [list]: [hashOf(opening)] })
      const { bundles } = await world.producer.produceBlock()
      expect(await landed()).toEqual([opening, better, plain].map(hashOf))
      expect(bundles.map(({ included }) => included)).toEqual([true, true])
      expect(world.producer.mismatches).toEqual([])
    },
  )

  test('waits for the one that brings the nonce before its own, whatever it pays', async () => {
    world = await aBlockWorld()
    const second = await world.sign(1, { to: payingContract, value: 10n ** 16n, nonce: 1 })
    const third = await world.sign(1, { to: payingContract, value: 10n ** 17n, nonce: 2 })
    const orphan = await world.sign(2, { to: payingContract, value: 10n ** 18n, nonce: 1 })
    for (const raw of [third, second, orphan]) await sendBundle([raw])
    await sendBundle([await world.sign(1, {})])
    const { bundles } = await world.producer.produceBlock()
    expect(await landed()).toEqual([await world.sign(1, { nonce: 0 }), second, third].map(hashOf))
    const [left] = bundles.filter(({ included }) => !included)
    expect(left).toMatchObject({ reason: expect.stringContaining('nonce too high') })
  })

  test('that pays less behind the others is put back once, and then stands at its lower worth', async () => {
    world = await aBlockWorld(['buildernet'])
    const shared = await world.sign(1, { to: payingContract, value: 10n ** 16n })
    const best = await world.sign(2, { to: payingContract, value: 10n ** 16n })
    const poorer = await world.sign(3, { to: payingContract, value: 10n ** 12n })
    const middle = await world.sign(4, { to: payingContract, value: 10n ** 14n })
    await sendBundle([shared, best])
    await sendBundle([shared, poorer], { droppingTxHashes: [hashOf(shared)] })
    await sendBundle([middle])
    await world.producer.produceBlock()
    expect(await landed()).toEqual([shared, best, middle, poorer].map(hashOf))
  })

  test.each(['flashbots', 'buildernet', 'titan'] as const)(
    'takes the place of an earlier one with its uuid at %s, which pays more and shares its opening',
    async (shape) => {
      world = await aBlockWorld([shape])
      const opening = await world.sign(1, {})
      const one = await world.sign(2, { to: payingContract, value: 10n ** 16n })
      const two = await world.sign(3, { to: payingContract, value: 10n ** 12n })
      const replacementUuid = crypto.randomUUID()
      await sendBundle([opening, one], { replacementUuid, replacementNonce: 1 })
      await sendBundle([opening, one, two], { replacementUuid, replacementNonce: 2 })
      const { bundles } = await world.producer.produceBlock()
      expect(await landed()).toEqual([opening, one, two].map(hashOf))
      expect(bundles).toHaveLength(1)
    },
  )
})
