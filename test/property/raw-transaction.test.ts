import fc from 'fast-check'
import { keccak256, parseTransaction } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import type { Hex } from '../../core/types/chain.ts'
import { rawTransactionOf } from '../../monitors/sources/raw-transaction.ts'

const quantity = (value: bigint | number | undefined): string => `0x${(value ?? 0).toString(16)}`

const hexOf = (length: fc.SizeForArbitrary | number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array(typeof length === 'number' ? { minLength: length, maxLength: length } : {})
    .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`)

const amount = fc.bigInt({ min: 0n, max: 1n << 100n })
const accessList = fc.array(
  fc.record({ address: hexOf(20), storageKeys: fc.array(hexOf(32), { maxLength: 3 }) }),
  { maxLength: 3 },
)

const body = fc.record({
  nonce: fc.nat(),
  to: hexOf(20),
  value: amount,
  data: hexOf('small'),
  gas: fc.bigInt({ min: 21_000n, max: 1n << 40n }),
  fee: amount,
  tip: amount,
  accessList,
  chainId: fc.integer({ min: 1, max: 1 << 30 }),
  kind: fc.constantFrom('legacy', 'unprotected', 'eip2930', 'eip1559'),
  key: fc.bigInt({ min: 1n, max: 1n << 250n }),
})

const types = { legacy: '0x0', unprotected: '0x0', eip2930: '0x1', eip1559: '0x2' } as const

/** The transaction signed, and its fields as a node tells them of a pending one. */
const signed = async (it: typeof body extends fc.Arbitrary<infer T> ? T : never) => {
  const account = privateKeyToAccount(`0x${it.key.toString(16).padStart(64, '0')}`)
  const fees =
    it.kind === 'eip1559'
      ? { maxFeePerGas: it.fee + it.tip, maxPriorityFeePerGas: it.tip }
      : { gasPrice: it.fee }
  const raw = await account.signTransaction({
    ...{ nonce: it.nonce, to: it.to, value: it.value, data: it.data, gas: it.gas },
    ...fees,
    type: it.kind === 'unprotected' ? 'legacy' : it.kind,
    ...(it.kind === 'unprotected' ? {} : { chainId: it.chainId }),
    ...(it.kind === 'eip1559' || it.kind === 'eip2930' ? { accessList: it.accessList } : {}),
  } as Parameters<typeof account.signTransaction>[0])
  const { r, s, v, yParity } = parseTransaction(raw)
  const fields = {
    ...{ hash: keccak256(raw), type: types[it.kind], from: account.address, to: it.to },
    ...{ nonce: quantity(it.nonce), value: quantity(it.value), input: it.data },
    ...{ gas: quantity(it.gas), chainId: quantity(it.chainId), accessList: it.accessList },
    ...Object.fromEntries(Object.entries(fees).map(([name, fee]) => [name, quantity(fee)])),
    ...{
      r: quantity(BigInt(r!)),
      s: quantity(BigInt(s!)),
      v: quantity(types[it.kind] === '0x0' ? v : yParity),
    },
    ...(it.kind === 'eip1559' ? { yParity: quantity(yParity) } : {}),
  }
  return { raw, fields }
}

describe('rawTransactionOf', () => {
  test('rebuilds the signed bytes of every kind from what a node tells', async () => {
    await fc.assert(
      fc.asyncProperty(body, async (it) => {
        const { raw, fields } = await signed(it)
        expect(rawTransactionOf(fields)).toBe(raw)
      }),
      { numRuns: 100 },
    )
  })

  test('gives up rather than tell other bytes than those of the hash', async () => {
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('nonce', 'gas', 'value'), async (it, name) => {
        const { fields } = await signed(it)
        const changed = { ...fields, [name]: quantity(BigInt(fields[name]) + 1n) }
        expect(rawTransactionOf(changed)).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  test('gives up on kinds that it does not know', async () => {
    const [it] = fc.sample(body, 1)
    const { fields } = await signed(it!)
    expect(rawTransactionOf({ ...fields, type: '0x3' })).toBeUndefined()
  })
})
