import { inspect } from 'node:util'
import { keccak256, parseTransaction, recoverTransactionAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../core/errors.ts'
import type { Address, Hex } from '../../../core/types/chain.ts'
import { gas, wei } from '../../../core/units.ts'
import { encodeIntent } from '../../../execution/encode.ts'
import { createSigner } from '../../../execution/sign.ts'
import { aBundle, anIntent, aPlan, bob, bobKey } from '../../support/a-bundle.ts'

const executor: Address = '0x00000000000000000000000000000000000e0ec0'
const signer = createSigner({ keys: [bobKey], chainId: 1, executor })
const thrownBy = (act: () => unknown): unknown => {
  try {
    act()
  } catch (thrown) {
    return thrown
  }
  return undefined
}

describe('createSigner', () => {
  test('signs what the intent says, with a tip of one wei', async () => {
    const intent = anIntent({
      nonce: 7,
      plan: aPlan({ gasLimit: gas(654_321n), maxFeePerGasWei: wei(31_000_000_000n) }),
    })
    const [signed] = await signer.sign(aBundle({ intents: [intent] }))
    const rawTx = signed!.rawTx as `0x02${string}`
    expect(parseTransaction(rawTx)).toMatchObject({
      type: 'eip1559',
      chainId: 1,
      nonce: 7,
      gas: 654_321n,
      maxFeePerGas: 31_000_000_000n,
      maxPriorityFeePerGas: 1n,
      to: executor,
      data: encodeIntent(intent),
    })
    expect(await recoverTransactionAddress({ serializedTransaction: rawTx })).toBe(bob)
    expect(signed).toMatchObject({ intent: intent.id, txHash: keccak256(rawTx) })
  })

  test('the same intent gives the same bytes', async () => {
    expect(await signer.sign(aBundle())).toEqual(await signer.sign(aBundle()))
  })

  test('signs every intent of a bundle, in its order', async () => {
    const intents = [anIntent({ id: 'a', nonce: 3 }), anIntent({ id: 'b', nonce: 4 })]
    const signed = await signer.sign(aBundle({ intents }))
    expect(signed.map(({ intent }) => intent)).toEqual(['a', 'b'])
    expect(new Set(signed.map(({ txHash }) => txHash)).size).toBe(2)
  })

  test('error: ConfigError for an operator without a key', async () => {
    const stranger: Address = '0x0000000000000000000000000000000000005714'
    const intents = [anIntent({ operator: stranger })]
    await expect(signer.sign(aBundle({ intents }))).rejects.toThrow(ConfigError)
  })

  test('error: ConfigError for a key that is none, which does not quote it', () => {
    const canary = '0xdeadbeefcanary'
    const thrown = thrownBy(() =>
      createSigner({ keys: [bobKey, canary as Hex], chainId: 1, executor }),
    )
    expect(thrown).toBeInstanceOf(ConfigError)
    expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain('deadbeefcanary')
  })

  test('error: ConfigError for a key outside the curve, which does not quote it', () => {
    const canary: Hex = `0x${'f'.repeat(64)}`
    const thrown = thrownBy(() => createSigner({ keys: [canary], chainId: 1, executor }))
    expect(thrown).toBeInstanceOf(ConfigError)
    expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain('ffffffff')
  })

  test('the key is no property of the signer', () => {
    const shown = `${inspect(signer, { depth: 10, showHidden: true })}${JSON.stringify(signer)}`
    expect(shown).not.toContain(bobKey.slice(2))
    expect(signer.addresses).toEqual([bob])
  })
})
