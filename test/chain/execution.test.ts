import { generatePrivateKey } from 'viem/accounts'
import { afterEach, describe, expect, test } from 'vitest'
import type { Hex, PendingUpdate } from '../../core/types/chain.ts'
import type { RelayAnswer } from '../../core/types/event.ts'
import type { Bundle } from '../../core/types/plan.ts'
import { ms } from '../../core/units.ts'
import { assemble } from '../../execution/builder.ts'
import { createBuilders } from '../../execution/builders/index.ts'
import { createReceiptTracker } from '../../execution/receipts.ts'
import { createSender } from '../../execution/send.ts'
import { createSigner } from '../../execution/sign.ts'
import { createBlockProducer } from '../../sandbox/builders/block-producer.ts'
import { createRelay, type Relay } from '../../sandbox/builders/relay.ts'
import { accounts, keyAt } from '../../sandbox/chain/accounts.ts'
import { transmitCalldata } from '../../sandbox/chain/feeds.ts'
import { createMempool } from '../../sandbox/node/mempool.ts'
import { aBundle, anUpdate } from '../support/a-bundle.ts'
import { anIntentOf } from '../support/an-executor-intent.ts'
import { alice, anExecutorWorld, coinbase, mallory } from '../support/an-executor-world.ts'

const usd = 10n ** 6n

const world = await anExecutorWorld(async ({ open }) => {
  await open(alice, ['WETH', 80n * 10n ** 18n], ['USDC', 100_000n * usd])
})
const { client, executor, item, deployed, anvil, rpc } = world
const signer = createSigner({ keys: [keyAt(3)], chainId: 1, executor })

const relays: Relay[] = []
afterEach(async () => {
  await Promise.all(relays.splice(0).map(({ stop }) => stop()))
})

/** The three builders of the sandbox, and our side of each. */
const connect = async () => {
  for (const shape of ['flashbots', 'buildernet', 'titan'] as const) {
    relays.push(
      await createRelay({
        name: shape,
        shape,
        anvilHttpUrl: anvil.httpUrl,
        nowMs: () => 1_692_308_160_000,
        log: () => {},
      }),
    )
  }
  const builders = createBuilders({
    builders: relays.map(({ name, url }) => ({
      name,
      kind: name === 'flashbots' ? ('flashbots' as const) : ('json-rpc' as const),
      url,
      deadlineMs: 1_500,
    })),
    authKey: generatePrivateKey(),
    chainId: 1,
  })
  const answers: RelayAnswer[] = []
  const sender = createSender({
    builders,
    emit: (event) => {
      if (event.type === 'relay') answers.push(event.answer)
    },
    clock: () => ms(0),
  })
  return { builders, sender, answers }
}

/** A signed report that is not mined yet. */
const pending = async (priceUsd: number): Promise<PendingUpdate> => {
  const feed = deployed.assets.WETH!
  const { timestamp } = await client.getBlock()
  const { transmitter, oracleSigners: signers } = accounts
  const rawTx = await transmitter.signTransaction({
    type: 'eip1559',
    chainId: 1,
    to: feed.aggregator,
    nonce: await client.getTransactionCount({ address: transmitter.address }),
    gas: 400_000n,
    maxFeePerGas: 60n * 10n ** 9n,
    maxPriorityFeePerGas: 10n ** 9n,
    data: await transmitCalldata({
      configDigest: feed.configDigest,
      epochAndRound: feed.epochAndRound + 1,
      observationsTimestampSec: Number(timestamp),
      answerUsd: priceUsd,
      signers,
    }),
  })
  return anUpdate({ aggregator: feed.aggregator, rawTx, from: transmitter.address })
}

const backrun = async (): Promise<Bundle> => {
  const targetBlock = Number(await client.getBlockNumber()) + 1
  const items = [
    item(['WETH', 'USDC'], 40_000n * usd),
    item(['WETH', 'USDC'], 1_000n * usd, { account: mallory }),
  ]
  const intent = anIntentOf(items, { deadlineBlock: targetBlock })
  return aBundle({ targetBlock, behind: await pending(1_450), intents: [intent] })
}

describe('a bundle behind an oracle update', () => {
  test('is taken by all three builders', async () => {
    const { sender, answers } = await connect()
    const bundle = await backrun()
    const signed = await signer.sign(bundle)
    await sender.send(bundle, signed)
    expect(
      answers.map(({ builder, accepted, block }) => [builder, accepted, block]).sort(),
    ).toEqual([
      ['buildernet', true, bundle.targetBlock],
      ['flashbots', true, bundle.targetBlock],
      ['titan', true, bundle.targetBlock],
    ])
    for (const { detail } of answers) expect(detail).toMatch(/^0x[0-9a-f]{64}$/)
    expect(relays.map(({ stats }) => stats.accepted)).toEqual([1, 1, 1])
  })

  test('is taken back by all three builders', async () => {
    const { builders, sender } = await connect()
    const bundle = await backrun()
    await sender.send(bundle, await signer.sign(bundle))
    const assembled = assemble(bundle, await signer.sign(bundle))
    const signal = AbortSignal.timeout(1_500)
    const said = await Promise.all(builders.map(({ cancel }) => cancel(assembled, signal)))
    expect(said).toEqual(['cancelled 1', `0x${'0'.repeat(64)}`, '200'])
  })

  test('is refused when its transactions are no transactions', async () => {
    const { sender, answers } = await connect()
    await sender.send(await backrun(), [{ intent: 'intent-0', txHash: '0xaa', rawTx: '0x02' }])
    expect(answers.map(({ accepted }) => accepted)).toEqual([false, false, false])
  })

  test.each(['flashbots', 'buildernet', 'titan'] as const)(
    'lands where %s builds and is found by its receipt',
    async (winner) => {
      const { sender } = await connect()
      const bundle = await backrun()
      const signed = await signer.sign(bundle)
      const tracker = createReceiptTracker({ client, executor })
      tracker.watch(bundle, signed)
      await sender.send(bundle, signed)
      expect(await tracker.collect({ number: bundle.targetBlock })).toEqual([])
      const relay = relays.find(({ name }) => name === winner)!
      const producer = createBlockProducer({
        rpc,
        mempool: createMempool(),
        relays: [relay],
        clock: { now: () => ms(0), sleepUntil: async () => false },
        scenario: world.scenario,
        log: () => {},
      })
      await producer.produceBlock()

      const block = await client.getBlock()
      const receipts = await tracker.collect({ number: bundle.targetBlock })
      expect(receipts).toMatchObject([
        {
          intent: 'intent-0',
          txHash: signed[0]!.txHash,
          block: bundle.targetBlock,
          blockHash: block.hash,
          txIndex: 1,
          status: 'success',
          coinbase: relay.coinbase.toLowerCase(),
          liquidations: [{ position: `aave-v3:${alice.toLowerCase()}`, repaidRaw: 40_000n * usd }],
          failures: [{ position: `aave-v3:${mallory.toLowerCase()}` }],
        },
      ])
      expect(receipts[0]?.gasPriceWei).toBe(block.baseFeePerGas! + 1n)
      expect(producer.mismatches).toEqual([])
      expect(await tracker.collect({ number: bundle.targetBlock + 1 })).toEqual([])
    },
  )

  test('that lands after a reorg in another block is told again', async () => {
    const snapshot = await rpc.call('evm_snapshot')
    const bundle = await backrun()
    const signed = await signer.sign(bundle)
    const tracker = createReceiptTracker({ client, executor })
    tracker.watch(bundle, signed)
    const land = async (): Promise<void> => {
      for (const rawTx of [bundle.behind!.rawTx, signed[0]!.rawTx]) {
        await rpc.call<Hex>('eth_sendRawTransaction', [rawTx])
      }
      await world.mine()
    }
    await land()
    const [first] = await tracker.collect({ number: bundle.targetBlock })
    await rpc.call('evm_revert', [snapshot])
    await rpc.call('anvil_setCoinbase', [mallory])
    await land()
    const [second] = await tracker.collect({ number: bundle.targetBlock })
    expect([first?.status, second?.status]).toEqual(['success', 'success'])
    expect(second?.blockHash).not.toBe(first?.blockHash)
    await rpc.call('anvil_setCoinbase', [coinbase])
  })

  test('that lands without its update is a receipt that reverted', async () => {
    const bundle = await backrun()
    const signed = await signer.sign(bundle)
    const tracker = createReceiptTracker({ client, executor })
    tracker.watch(bundle, signed)
    await rpc.call<Hex>('eth_sendRawTransaction', [signed[0]!.rawTx])
    await world.mine()
    expect(await tracker.collect({ number: bundle.targetBlock })).toMatchObject([
      { status: 'reverted', liquidations: [], failures: [] },
    ])
  })
})
